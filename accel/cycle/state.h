// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the cycle model keeps from edge to edge, and what it decides for the next one. Names and sections are those of
// docs/timing.md.
#include <array>
#include <cstddef>

#include "accel/contract/command.h"
#include "accel/contract/pins.h"

namespace systole::cycle {

/// What happens at the coming edge, decided from registers and inputs alone.
struct Decision {
  bool step = false;
  bool cfg_taken = false, wgt_taken = false, act_taken = false, out_taken = false;
  bool pass_start = false, issue = false, w_pop = false;
  accel::State next = accel::State::S_IDLE;
};

/// The command under way and what an edge needs of its header, worked out once.
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

/// The registers under their names, and this command's progress.
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

/// The codebook's levels are popped at this edge, whatever `step` is.
inline bool pops_codebook(const Active& active, const Registers& q) {
  return q.state == accel::State::S_READ_W8 && active.job.command->header.codebook && q.wgt_count != 0;
}

/// The activation word, of a group's in_h * in_w, under a tap of an output pixel; -1 where the tap lies outside the
/// map.
inline int tap_word(const accel::Header& h, int oy, int ox, int kh, int kw) {
  const int iy = oy * h.stride_h + kh * h.dilation_h - h.pad_top;
  const int ix = ox * h.stride_w + kw * h.dilation_w - h.pad_left;
  return iy < 0 || iy >= h.in_h || ix < 0 || ix >= h.in_w ? -1 : iy * h.in_w + ix;
}

/// A beat by its numbers in the command.
struct IssuedBeat {
  int pass = -1, pixel = -1;  ///< -1: a bubble
};

}  // namespace systole::cycle
