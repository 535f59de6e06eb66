// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/model.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "base/as_size.h"

namespace systole::cycle {

using accel::State;

namespace {

using base::as_size;

constexpr int kFifoEntries = 2;  // of the weight FIFO and of the output FIFO
constexpr int kLastHeaderBeat = 2;
constexpr int kBiasDelay = 2;  // steps from the psum bank to a flag of the bias
constexpr int kPushDelay = 4;  // steps from the psum bank to the push into the output FIFO

}  // namespace

Model::Model(const accel::Geometry& geometry, Follow follow)
    : geometry_(geometry),
      follow_cells_(follow != Follow::pins),
      depth_(geometry.rows + geometry.cols),
      cells_(geometry.rows, geometry.cols),
      overflow_flags_(geometry),
      zeros_(as_size(geometry.cols)),
      ring_mask_(std::bit_ceil(as_size(depth_ + kPushDelay + 1)) - 1),
      push_(ring_mask_ + 1),
      flags_(ring_mask_ + 1),
      issued_(ring_mask_ + 1) {
  if (follow >= Follow::all) stages_.emplace(geometry, follow == Follow::wires);
  show();
}

void Model::reset() {
  q_ = Registers{};
  queue_.clear();
  active_ = Active{};
  std::ranges::fill(push_, std::uint8_t{0});
  std::ranges::fill(flags_, 0U);
  std::ranges::fill(issued_, IssuedBeat{});
  cells_.reset();
  if (stages_) stages_->reset();
  pins_ = OutPins{};
  show();
}

void Model::enqueue(const accel::Job& job) {
  queue_.push_back(job);
  if (stages_) stages_->enqueue(job);
}

void Model::tick(const InPins& in) {
  const Decision d = decide(in);
  if (stages_) stages_->edge(active_, q_, d, d.issue ? next_operands() : nullptr);
  if (q_.state != State::S_IDLE) {
    count(d);
  } else if (d.next != State::S_IDLE) {
    start();
  }
  load_weights(d);
  load_activations(d);
  load_cfg(d);
  if (d.step) {
    drain_pipeline();
    issue(d);
    ++step_;
  }
  take_output(d);
  change_state(d);
  show();
  if (stages_) {
    stages_->show(active_, q_);
    if (stages_->follows_wires()) stages_->show_wires(active_, q_, decide({}));
  }
}

// ---- What happens at the edge
// ------------------------------------------------------------------------------------------

Decision Model::decide(const InPins& in) const {
  Decision d;
  d.step = q_.out_count < kFifoEntries;
  d.cfg_taken = in.cfg_valid && pins_[accel::kCfgReady] != 0;
  d.wgt_taken = in.wgt_valid && pins_[accel::kWgtReady] != 0;
  d.act_taken = in.act_valid && pins_[accel::kActReady] != 0;
  d.out_taken = in.out_ready && pins_[accel::kOutValid] != 0;
  d.pass_start = d.step && q_.state == State::S_INPUT_CH && !q_.mid && q_.w_full && q_.act_full[q_.rd_bank] &&
                 (q_.beat.pass_in_tile != 0 || q_.par_avail != 0);
  d.issue = d.pass_start || (d.step && q_.mid);
  const bool last_pass = q_.beat.pass == active_.passes - 1;
  d.w_pop = d.step && q_.wgt_count != 0 && (d.pass_start ? !last_pass : q_.more && !q_.w_full);
  d.next = next_state(in, d);
  return d;
}

State Model::next_state(const InPins& in, const Decision& d) const {
  switch (q_.state) {
    case State::S_IDLE:
      return in.cfg_valid ? State::S_READ_PARAM : q_.state;
    case State::S_READ_PARAM:
      return in.cfg_valid && q_.hdr == kLastHeaderBeat ? State::S_READ_W8 : q_.state;
    case State::S_READ_W8:
      return !active_.job.command->header.codebook || q_.wgt_count != 0 ? State::S_READ_W2 : q_.state;
    case State::S_READ_W2:
      return q_.wrow != 0 || q_.w_full ? State::S_READ_INPUT : q_.state;
    case State::S_READ_INPUT: {
      const unsigned coming = q_.rd_bank ^ (q_.mid ? 1U : 0U);
      return q_.act_full[coming] || (q_.fill_bank == coming && q_.fill_cnt != 0) ? State::S_EMPTY : q_.state;
    }
    case State::S_EMPTY:
      return State::S_INPUT_CH;
    case State::S_INPUT_CH:
      if (!d.pass_start || q_.beat.pass_in_tile != active_.passes_per_oc_tile - 1) return q_.state;
      return q_.beat.pass == active_.passes - 1 ? State::S_FINISH : State::S_READ_W2;
    case State::S_FINISH:
      return d.out_taken && pins_[accel::kOutLast] != 0 ? State::S_IDLE : q_.state;
  }
  return q_.state;
}

void Model::start() {
  if (queue_.empty()) throw std::logic_error("cycle model: cfg_valid starts a layer, but no command is queued");
  active_.job = queue_.front();
  queue_.pop_front();
  const accel::Header& h = active_.job.command->header;
  active_.taps = h.taps();
  active_.passes_per_oc_tile = h.passes_per_oc_tile();
  active_.passes = h.passes();
  active_.in_pixels = h.in_pixels();
  active_.out_pixels = h.out_pixels();
  active_.groups = h.oc_tiles * h.ic_tiles;
  active_.out_beats = as_size(h.oc_tiles) * as_size(active_.out_pixels);
  q_.hdr = 0;
  q_.beat = BeatCounters{};
  q_.groups_taken = q_.loading_pass = q_.out_pushed_in_tile = 0;
  q_.out_taken = 0;
  pins_[accel::kOverflow] = 0;
  std::fill_n(pins_.value.begin() + accel::kCnt, accel::kCounters, 0U);
  cells_.set_clamp(active_.job.command->can_overflow, h.psum_bits);
}

void Model::count(const Decision& d) {
  ++pins_[accel::kBusy];
  if (d.w_pop) ++pins_[accel::kWeightLoad];
  if (!d.step) {
    ++pins_[accel::kStallOut];
  } else if (d.issue) {
    ++pins_[accel::kCompute];
  } else if (q_.state == State::S_FINISH && !q_.mid) {
    ++pins_[accel::kDrain];
  } else if (q_.state != State::S_READ_PARAM) {
    ++pins_[accel::kStallIn];
  }
}

// ---- Loaders, section 5
// ------------------------------------------------------------------------------------------------

void Model::load_cfg(const Decision& d) {
  if (d.pass_start && q_.beat.pass_in_tile == 0) --q_.par_avail;
  if (!d.cfg_taken) return;
  if (q_.state == State::S_READ_PARAM) {
    ++q_.hdr;
    return;
  }
  if (++q_.col < geometry_.cols) return;
  q_.col = 0;
  --q_.par_left;
  ++q_.par_used;
  ++q_.par_avail;
}

void Model::load_weights(const Decision& d) {
  q_.wgt_count += (d.wgt_taken ? 1 : 0) - (d.w_pop || pops_codebook(active_, q_) ? 1 : 0);
  if (d.pass_start) {
    q_.w_full = false;
    if (follow_cells_) cells_.swap_weights();
  }
  if (!d.w_pop) return;
  if (follow_cells_) {
    const std::size_t row = as_size(q_.loading_pass) * as_size(geometry_.rows) + as_size(q_.wrow);
    cells_.load_row(q_.wrow, active_.job.command->weights.data() + row * as_size(geometry_.cols));
  }
  if (++q_.wrow < geometry_.rows) return;
  q_.wrow = 0;
  q_.w_full = true;
  ++q_.loading_pass;
}

void Model::load_activations(const Decision& d) {
  if (!d.act_taken || ++q_.fill_cnt < active_.in_pixels) return;
  q_.fill_cnt = 0;
  q_.act_full[q_.fill_bank] = true;
  q_.fill_bank ^= 1U;
  if (++q_.groups_taken == active_.groups) q_.act_left = false;
}

// ---- The rigid pipeline, sections 6 and 7
// ------------------------------------------------------------------------------

void Model::drain_pipeline() {
  const std::size_t slot = slot_after(0);
  pins_[accel::kOverflow] |= flags_[slot];
  flags_[slot] = 0;
  if (push_[slot] == 0) return;
  push_[slot] = 0;
  ++q_.out_count;
  if (++q_.out_pushed_in_tile < active_.out_pixels) return;
  q_.out_pushed_in_tile = 0;
  --q_.par_used;
}

void Model::issue(const Decision& d) {
  const std::int16_t* activations = nullptr;
  if (d.issue) {
    if (follow_cells_ || active_.job.command->can_overflow) activations = next_operands();
    if (active_.job.command->can_overflow) raise_flags(activations);
    if (q_.beat.pass_in_tile == active_.passes_per_oc_tile - 1) push_[slot_after(depth_ + kPushDelay)] = 1;
  }
  if (follow_cells_) {
    issued_[slot_after(0)] = d.issue ? IssuedBeat{q_.beat.pass, q_.beat.pixel} : IssuedBeat{};
    cells_.step(activations);
  }
  if (d.issue) finish_beat();
}

void Model::raise_flags(const std::int16_t* activations) {
  const BeatFlags flags = overflow_flags_.beat(*active_.job.command, q_.beat.pass, q_.beat.pixel, activations);
  flags_[slot_after(depth_)] |= flags.bank;
  flags_[slot_after(depth_ + kBiasDelay)] |= flags.bias;
}

/// ox, then oy advance; at the last beat the pass and the activation bank.
void Model::finish_beat() {
  BeatCounters& b = q_.beat;
  ++b.pixel;
  if (++b.ox == active_.job.command->header.out_w) {
    b.ox = 0;
    ++b.oy;
  }
  q_.mid = b.pixel != active_.out_pixels;
  if (!q_.mid) finish_pass();
}

void Model::finish_pass() {
  BeatCounters& b = q_.beat;
  b.pixel = b.oy = b.ox = 0;
  ++b.pass;
  if (++b.pass_in_tile == active_.passes_per_oc_tile) b.pass_in_tile = 0;
  if (++b.kw != active_.job.command->header.kernel_w) return;
  b.kw = 0;
  if (++b.kh != active_.job.command->header.kernel_h) return;
  b.kh = 0;
  ++b.group;
  q_.act_full[q_.rd_bank] = false;
  q_.rd_bank ^= 1U;
}

const std::int16_t* Model::tap_operands(int group, int oy, int ox, int kh, int kw) const {
  const accel::Header& h = active_.job.command->header;
  const int tap = tap_word(h, oy, ox, kh, kw);
  if (tap < 0) return nullptr;
  const std::size_t word =
      as_size(active_.job.command->group_order[as_size(group)]) * as_size(active_.in_pixels) + as_size(tap);
  return active_.job.stimulus->operands.data() + word * as_size(geometry_.rows);
}

void Model::take_output(const Decision& d) {
  if (!d.out_taken) return;
  --q_.out_count;
  ++q_.out_taken;
}

void Model::change_state(const Decision& d) {
  if (d.next == q_.state) return;
  switch (q_.state) {
    case State::S_READ_PARAM:  // s1_fin
      q_.par_left = active_.job.command->header.oc_tiles;
      q_.act_left = true;
      q_.fill_cnt = 0;
      break;
    case State::S_READ_W8:  // s2_fin
      q_.more = true;
      break;
    case State::S_INPUT_CH:  // s6_fin, not s6_back
      if (d.next == State::S_FINISH) q_.more = false;
      break;
    default:
      break;
  }
  q_.state = d.next;
}

void Model::show() {
  pins_[accel::kCfgReady] =
      q_.state == State::S_READ_PARAM || (q_.par_left != 0 && q_.par_used < geometry_.par_tiles) ? 1 : 0;
  pins_[accel::kWgtReady] = q_.wgt_count < kFifoEntries ? 1 : 0;
  pins_[accel::kActReady] = q_.act_left && !q_.act_full[q_.fill_bank] ? 1 : 0;
  pins_[accel::kState] = static_cast<std::uint32_t>(q_.state);
  const bool valid = q_.out_count != 0;
  pins_[accel::kOutValid] = valid ? 1 : 0;
  pins_[accel::kOutLast] = valid && q_.out_taken + 1 == active_.out_beats ? 1 : 0;
  pins_.out_data = valid ? active_.job.expected + q_.out_taken * as_size(geometry_.cols) : zeros_.data();
}

// ---- Coordinates for failure lines
// -------------------------------------------------------------------------------------

void Model::place(BeatOrigin& origin, int column) const {
  const check::OutPlace place = active_.job.command->place(origin.oc_tile, origin.pixel, column);
  origin.oc = place.oc;
  origin.oh = place.oh;
  origin.ow = place.ow;
}

BeatOrigin Model::origin_out() const {
  BeatOrigin origin;
  if (q_.out_count == 0) return origin;
  const int beat = static_cast<int>(q_.out_taken);
  origin.valid = true;
  origin.oc_tile = beat / active_.out_pixels;
  origin.pixel = beat % active_.out_pixels;
  origin.pass = (origin.oc_tile + 1) * active_.passes_per_oc_tile - 1;
  place(origin, 0);
  return origin;
}

BeatOrigin Model::origin_cell(int r, int c) const {
  const std::size_t lag = as_size(2 + r + c);  // step_ already counts the next step
  if (lag > step_) return {};
  return origin_beat(issued_[(step_ - lag) & ring_mask_], r, c);
}

BeatOrigin Model::origin_beat(const IssuedBeat& beat, int r, int c) const {
  BeatOrigin origin;
  if (beat.pass < 0 || active_.job.command == nullptr) return origin;
  const accel::Header& h = active_.job.command->header;
  const int tap = beat.pass % active_.taps;
  origin.valid = true;
  origin.pass = beat.pass;
  origin.pixel = beat.pixel;
  origin.oc_tile = beat.pass / active_.passes_per_oc_tile;
  origin.ic_tile = beat.pass / active_.taps % h.ic_tiles;
  place(origin, c);
  origin.ic = origin.ic_tile * geometry_.rows + r;
  origin.kh = tap / h.kernel_w;
  origin.kw = tap % h.kernel_w;
  origin.padding = tap_operands(beat.pass / active_.taps, beat.pixel / h.out_w, beat.pixel % h.out_w, origin.kh,
                                origin.kw) == nullptr;
  return origin;
}

}  // namespace systole::cycle
