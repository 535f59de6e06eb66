// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every output pin of `accel` must be in every cycle. Time comes from docs/timing.md, whose names and sections are
// quoted here; data come from the command's operands and golden outputs. A stall is an input.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "accel/contract/command.h"
#include "accel/contract/pins.h"
#include "accel/cycle/cells.h"
#include "accel/cycle/overflow_flags.h"

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

/// The cycle model of one accelerator. `tick` is one rising edge of clk_i with rst_ni = 1.
class Model {
 public:
  /// `cells`: also follow the registers of every c_unit.
  Model(const accel::Geometry& geometry, bool cells);

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

  // Registers after the edge, rows x cols, row major; zeros where `cells` is off.
  [[nodiscard]] const std::int32_t* cell_weight() const { return cells_.weight(); }  ///< active weight
  [[nodiscard]] const std::int32_t* cell_shadow() const { return cells_.shadow(); }  ///< shadow weight
  [[nodiscard]] const std::int32_t* cell_act() const { return cells_.act(); }        ///< act_q
  [[nodiscard]] const std::int32_t* cell_psum() const { return cells_.psum(); }      ///< psum_q

  /// The beat at the head of the output FIFO; oc of column 0, taps are 0.
  [[nodiscard]] BeatOrigin origin_out() const;
  /// The beat in act_q and psum_q of cell (r, c); needs `cells`.
  [[nodiscard]] BeatOrigin origin_cell(int r, int c) const;

 private:
  /// What happens at the coming edge, decided from registers and inputs alone.
  struct Decision {
    bool step = false;
    bool cfg_taken = false, wgt_taken = false, act_taken = false, out_taken = false;
    bool pass_start = false, issue = false, w_pop = false;
    accel::State next = accel::State::S_IDLE;
  };
  struct IssuedBeat {
    int pass = -1, pixel = -1;  ///< -1: a bubble
  };
  /// The command under way and what tick needs of its header, worked out once.
  struct Active {
    accel::Job job;
    int taps = 0, passes_per_oc_tile = 0, passes = 0, in_pixels = 0, out_pixels = 0, groups = 0;
    std::size_t out_beats = 0;
  };

  /// The registers oc, ic, kh, kw, oy, ox; oc and ic as counts of passes and groups.
  struct BeatCounters {
    int pass = 0, pass_in_tile = 0, group = 0, kh = 0, kw = 0;
    int pixel = 0, oy = 0, ox = 0;
  };
  /// The registers of docs/timing.md under their names there, and this command's progress.
  struct Registers {
    accel::State state = accel::State::S_IDLE;
    bool more = false, w_full = false, act_left = false, mid = false;
    std::array<bool, 2> act_full{};
    unsigned fill_bank = 0, rd_bank = 0;
    int hdr = 0, wgt_count = 0, wrow = 0, fill_cnt = 0, out_count = 0;
    int par_left = 0, par_used = 0, par_avail = 0, col = 0;
    BeatCounters beat;
    int groups_taken = 0;        ///< off the act stream
    int loading_pass = 0;        ///< whose weight rows are popped next
    int out_pushed_in_tile = 0;  ///< outputs of this oc tile that have reached the output FIFO
    std::size_t out_taken = 0;   ///< out beats that have left
  };

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
  /// Place in the rings of the step that comes `steps` after this one.
  [[nodiscard]] std::size_t slot_after(int steps) const {
    return (step_ + static_cast<std::size_t>(steps)) & ring_mask_;
  }

  accel::Geometry geometry_;
  bool follow_cells_;
  int depth_;  ///< D = Rows + Cols
  CellArray cells_;
  OverflowFlags overflow_flags_;
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
