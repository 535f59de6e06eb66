// SPDX-License-Identifier: Apache-2.0
#pragma once
// Expected registers of everything around the array: loaders, psum bank, output stage (docs/timing.md, section 10).
//
// Control registers are those of the cycle model. Data come from the command: a beat's psums are computed from its
// operands when it is issued, and show stage by stage as it travels.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "accel/contract/registers.h"
#include "accel/cycle/overflow_flags.h"
#include "accel/cycle/state.h"
#include "sim/check/register_checker.h"

namespace systole::cycle {

class Stages {
 public:
  /// `wires`: those between modules too.
  Stages(const accel::Geometry& geometry, bool wires);

  /// All registers 0, nothing under way, memories unknown.
  void reset();
  /// The command comes after those that were enqueued before.
  void enqueue(const accel::Job& job) { weights_to_push_.push_back({job.command, 0}); }

  /// One edge, with registers and decision of before it. `activations`: of the beat that is issued in it, null for
  /// padding or a bubble.
  void edge(const Active& active, const Registers& q, const Decision& d, const std::int16_t* activations);
  /// The control registers of after the edge.
  void show(const Active& active, const Registers& q);
  /// The wires after the edge, for a model that has them; `next`: what is decided for the next edge where no input
  /// stream offers anything.
  void show_wires(const Active& active, const Registers& q, const Decision& next);
  [[nodiscard]] bool follows_wires() const { return wires_; }

  /// Whether it is one register whose value is known in every cycle, which then always stands at the same place.
  [[nodiscard]] static constexpr bool always_known(accel::Register which) {
    const accel::RegisterName& name = accel::kRegisterNames[which];
    const bool follows_data =
        which == accel::kWgtTail || which == accel::kWgtHead || which == accel::kActRead || which == accel::kZero;
    return name.lanes == accel::Lanes::one && name.kind == accel::Kind::reg && !follows_data;
  }
  /// Of any register but the cells'; a value each level, column or single one (port::RegisterBank::words() words).
  [[nodiscard]] const check::ExpectedBank& values(accel::Register which) const { return shown_[which]; }
  /// The beat whose data stand in a register of the data path; a bubble for the others and where none stands there.
  [[nodiscard]] IssuedBeat beat(accel::Register which) const { return beats_[which]; }

 private:
  /// A weight beat on its way: of which command, and which of its stream. Without a command: a design that keeps the
  /// bench waiting makes this model take more beats than there are.
  struct WeightBeat {
    const accel::Command* command = nullptr;
    std::size_t beat = 0;
  };
  /// A beat on its way through the rigid pipeline.
  struct Beat {
    IssuedBeat at;
    bool tap = false;  ///< inside the map
    bool first = false, final = false, tile_last = false, layer_last = false;
    int oc_tile = 0, slot = 0, align = 0;
  };

  /// What the rows of the array are told in a step.
  struct RowControl {
    bool pass_start = false;
    int popped = -1;  ///< the row of weights, if any
  };

  void set(accel::Register which, std::uint32_t value) { *words(which) = static_cast<std::int32_t>(value); }
  void set_words(accel::Register which, const std::uint32_t* words);
  void show_column(accel::Register which, const Beat& beat, const std::int32_t* values);
  [[nodiscard]] std::int32_t* words(accel::Register which, int lane = 0) {
    return values_.data() + first_[which] + static_cast<std::size_t>(lane) * words_[which];
  }
  void know(accel::Register which, bool known = true) { shown_[which].values = known ? words(which) : nullptr; }

  void load_config(const Active& active, const Registers& q, const Decision& d);
  void load_channel(const Active& active, const Registers& q);
  void load_weights(const Active& active, const Registers& q, const Decision& d);
  void push_weight();
  void show_weight(accel::Register which, const WeightBeat& beat);
  void load_activations(const Active& active, const Registers& q, const Decision& d);
  void read_activations(const Active& active, const Registers& q, bool padding);

  /// The beat issued `age` steps before this one.
  [[nodiscard]] const Beat& aged(int age) const { return ring_[slot_of(age)]; }
  [[nodiscard]] std::size_t slot_of(int age) const { return (step_ - static_cast<std::size_t>(age)) & ring_mask_; }
  /// Columns of a beat in one of the rings below.
  [[nodiscard]] std::int32_t* columns(std::vector<std::int32_t>& ring, int age) {
    return columns(ring, geometry_.cols, age);
  }
  [[nodiscard]] std::int32_t* columns(std::vector<std::int32_t>& ring, int width, int age) {
    return ring.data() + slot_of(age) * static_cast<std::size_t>(width);
  }
  [[nodiscard]] std::int32_t* raw_psums(int age) { return columns(psums_in_, 2 * geometry_.cols, age); }
  [[nodiscard]] std::int32_t* aligned_psums(int age) { return raw_psums(age) + geometry_.cols; }
  /// A row each of a beat in one of the rings of wires.
  template <class T>
  [[nodiscard]] T* of_rows(std::vector<T>& ring, int age) {
    return ring.data() + slot_of(age) * static_cast<std::size_t>(geometry_.rows);
  }
  void issue(const Active& active, const Registers& q, const Decision& d, const std::int16_t* activations);
  void move_tags();
  void read_bank();
  void accumulate(const accel::Header& header);
  void hand_on(const accel::Header& header);
  void add_bias(const accel::Command& command);
  void multiply(const accel::Command& command);
  void push(const Active& active);
  [[nodiscard]] const std::int32_t* outputs_of(const Active& active, const Beat& beat) const;

  void show_loader_wires(const Active& active, const Registers& q, bool header_stands);
  void show_bank_wires(const accel::Header& header);
  void show_skewed(const RowControl& next);
  void show_cells();
  void show_residual_wires(const accel::Command& command);
  void show_bias_wires(const accel::Command& command, bool step);
  void show_multiply_wires(const accel::Command& command, bool step);
  void show_push_wires(const Active& active, bool step);
  template <class Value>
  void show_lanes(accel::Register which, const Beat& beat, const Value& value);
  void show_operands(const std::int16_t* activations);
  [[nodiscard]] std::int32_t biased(const accel::Command& command, const Beat& beat, int col, std::int32_t b);
  [[nodiscard]] const accel::ChannelEntry& channel(const accel::Command& command, const Beat& beat, int col) const {
    return command.channels[static_cast<std::size_t>(beat.oc_tile) * static_cast<std::size_t>(geometry_.cols) +
                            static_cast<std::size_t>(col)];
  }

  accel::Geometry geometry_;
  bool wires_;
  int depth_;       ///< D = Rows + Cols
  int pixel_bits_;  ///< of a tag's pixel
  std::array<check::ExpectedBank, accel::kRegisters> shown_;
  std::array<IssuedBeat, accel::kRegisters> beats_;
  std::array<std::size_t, accel::kRegisters + 1> first_{};  ///< of a register's words in values_
  std::array<std::size_t, accel::kRegisters> words_{};      ///< of one lane
  std::vector<std::int32_t> values_;
  std::vector<accel::Register> memories_;

  std::deque<WeightBeat> weights_to_push_;  ///< the next beat of each command whose weights have not all come
  std::deque<WeightBeat> weight_fifo_;
  int par_slot_ = 0, tile_slot_ = 0;
  int shown_group_ = -1;

  OverflowFlags psums_;
  std::size_t step_ = 0, ring_mask_;
  std::vector<Beat> ring_;
  // [slot of the ring][col]
  std::vector<std::int32_t> before_;    ///< the psum bank's word before the beat
  std::vector<std::int32_t> psums_in_;  ///< [..][2][col]: as they leave the array, aligned
  std::vector<std::int32_t> acc_, biased_;
  // [slot of the ring][row], of wires only
  std::vector<std::int16_t> operands_;
  std::vector<std::uint32_t> row_flags_;
  std::vector<RowControl> controls_;  ///< [slot of the ring]
};

}  // namespace systole::cycle
