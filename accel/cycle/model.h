// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every output pin of `accel` must be in every cycle. Time comes from docs/timing.md, whose names and sections are
// quoted here; data come from the command's operands and golden outputs. A stall is an input.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "accel/contract/command.h"
#include "accel/contract/pins.h"
#include "accel/contract/registers.h"
#include "accel/cycle/cells.h"
#include "accel/cycle/overflow_flags.h"
#include "accel/cycle/stages.h"
#include "accel/cycle/state.h"

namespace systole::cycle {

/// Handshake inputs in the cycle that an edge ends.
struct InPins {
  bool cfg_valid = false, wgt_valid = false, act_valid = false, out_ready = false;
};

/// Output pins after an edge.
struct OutPins {
  std::array<std::uint32_t, accel::kOutPins> value{};  ///< by accel::OutPin; overflow: bit c = column c
  const std::int32_t* out_data = nullptr;  ///< `cols` lanes, sign extended; zeros where the output FIFO is empty

  std::uint32_t& operator[](accel::OutPin pin) { return value[pin]; }
  std::uint32_t operator[](accel::OutPin pin) const { return value[pin]; }
  std::uint32_t& operator[](accel::Counter counter) { return value[accel::kCnt + std::size_t{counter}]; }
  std::uint32_t operator[](accel::Counter counter) const { return value[accel::kCnt + std::size_t{counter}]; }
};

/// Where a value belongs: pass, pixel and tiles in the command's own numbering, oc, oh, ow in the layer's output, ic of
/// the command: ic_tile * rows + row.
/// `valid` is false for a bubble (cells) or an empty FIFO (output); the other fields then hold nothing.
struct BeatOrigin {
  bool valid = false;
  bool padding = false;  ///< the tap lies outside the map
  int pass = 0, pixel = 0;
  int oc_tile = 0, ic_tile = 0;
  int oc = 0, oh = 0, ow = 0, ic = 0, kh = 0, kw = 0;
};

/// What is followed besides the pins: the registers of every c_unit, every watched register, the wires between modules
/// as well.
enum class Follow : std::uint8_t { pins, cells, all, wires };

/// The cycle model of one accelerator. `tick` is one rising edge of clk_i with rst_ni = 1.
class Model {
 public:
  Model(const accel::Geometry& geometry, Follow follow);

  /// Holds rst_ni at 0: every register 0, queued commands dropped.
  void reset();

  /// Appends the command that the cfg stream will bring after those already queued.
  void enqueue(const accel::Job& job);

  /// One edge. Throws std::logic_error where cfg_valid starts a layer and no command is queued.
  void tick(const InPins& in);

  [[nodiscard]] const OutPins& pins() const { return pins_; }
  [[nodiscard]] accel::State state() const { return q_.state; }
  [[nodiscard]] const accel::Geometry& geometry() const { return geometry_; }
  /// In S_IDLE with no command queued.
  [[nodiscard]] bool idle() const { return q_.state == accel::State::S_IDLE && queue_.empty(); }

  // Registers after the edge, rows x cols, row major; zeros where they are not followed.
  [[nodiscard]] const std::int32_t* cell_weight() const { return cells_.weight(); }  ///< active weight
  [[nodiscard]] const std::int32_t* cell_shadow() const { return cells_.shadow(); }  ///< shadow weight
  [[nodiscard]] const std::int32_t* cell_act() const { return cells_.act(); }        ///< act_q
  [[nodiscard]] const std::int32_t* cell_psum() const { return cells_.psum(); }      ///< psum_q

  /// What stands in registers outside the cells; needs Follow::all or above.
  [[nodiscard]] const Stages& stages() const { return *stages_; }

  /// The beat at the head of the output FIFO; oc of column 0, taps are 0.
  [[nodiscard]] BeatOrigin origin_out() const;
  /// The beat in act_q and psum_q of cell (r, c); needs Follow::cells.
  [[nodiscard]] BeatOrigin origin_cell(int r, int c) const;
  /// A beat of the command under way, for row r and column c.
  [[nodiscard]] BeatOrigin origin_beat(const IssuedBeat& beat, int r, int c) const;
  /// Where the command under way stands: the beat that is issued next.
  [[nodiscard]] IssuedBeat next_beat() const { return {q_.beat.pass, q_.beat.pixel}; }
  [[nodiscard]] int passes_per_oc_tile() const { return active_.passes_per_oc_tile; }

 private:
  [[nodiscard]] Decision decide(const InPins& in) const;
  [[nodiscard]] accel::State next_state(const InPins& in, const Decision& d) const;
  void start();
  void count(const Decision& d);
  void load_cfg(const Decision& d);
  void load_weights(const Decision& d);
  void load_activations(const Decision& d);
  void drain_pipeline();
  void issue(const Decision& d);
  void raise_flags(const std::int16_t* activations);
  void finish_beat();
  void finish_pass();
  void take_output(const Decision& d);
  void change_state(const Decision& d);
  void show();
  /// Sets oc, oh, ow of an origin from its tile and pixel, for a column.
  void place(BeatOrigin& origin, int column) const;
  /// The operands under a tap, null where it lies outside the map.
  [[nodiscard]] const std::int16_t* tap_operands(int group, int oy, int ox, int kh, int kw) const;
  /// Of the beat that is issued next.
  [[nodiscard]] const std::int16_t* next_operands() const {
    const BeatCounters& b = q_.beat;
    return tap_operands(b.group, b.oy, b.ox, b.kh, b.kw);
  }
  /// Place in the rings of the step that comes `steps` after this one.
  [[nodiscard]] std::size_t slot_after(int steps) const {
    return (step_ + static_cast<std::size_t>(steps)) & ring_mask_;
  }

  accel::Geometry geometry_;
  bool follow_cells_;
  int depth_;  ///< D = Rows + Cols
  CellArray cells_;
  OverflowFlags overflow_flags_;
  std::optional<Stages> stages_;
  std::deque<accel::Job> queue_;
  Active active_;
  Registers q_;
  std::vector<std::int32_t> zeros_;
  OutPins pins_;

  // What is under way in the rigid pipeline, by step modulo ring size.
  std::size_t step_ = 0, ring_mask_ = 0;
  std::vector<std::uint8_t> push_;    ///< an output is pushed at the end of that step
  std::vector<std::uint32_t> flags_;  ///< overflow flags that rise at the end of that step
  std::vector<IssuedBeat> issued_;    ///< the beat issued in that step
};

}  // namespace systole::cycle
