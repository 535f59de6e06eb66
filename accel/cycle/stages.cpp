// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/stages.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/as_size.h"
#include "base/beats.h"
#include "golden/fixed/round.h"

namespace systole::cycle {

using accel::Register;
using accel::State;

namespace {

using base::as_size;

constexpr int kLevels = 4;
constexpr int kBeatsOfHeader = 3;

// Steps from the psum bank, docs/timing.md, section 7.
constexpr int kHandedOn = 1, kBiasAdded = 2, kMultiplied = 3, kPushed = 4;

int lanes_of(Register which, const accel::Geometry& g) {
  switch (accel::kRegisterNames[which].lanes) {
    case accel::Lanes::level:
      return kLevels;
    case accel::Lanes::column:
      return g.cols;
    case accel::Lanes::cell:
      return g.rows * g.cols;
    default:
      return 1;
  }
}

void put64(std::int32_t* words, std::int64_t value) { std::memcpy(words, &value, sizeof value); }

/// First half of requantize (docs/numerics.md, section 3).
std::int64_t product_of(std::int32_t x, bool multiply, std::int32_t m0, int lshift) {
  const std::int32_t x1 = fixed::saturating_shift_left(x, lshift);
  return multiply ? std::int64_t{x1} * m0 : std::int64_t{x1};
}

}  // namespace

Stages::Stages(const accel::Geometry& geometry, bool wires)
    : geometry_(geometry),
      wires_(wires),
      depth_(geometry.rows + geometry.cols),
      pixel_bits_(accel::log2_of(geometry.psum_depth)),
      psums_(geometry),
      ring_mask_(std::bit_ceil(as_size(depth_ + kPushed + 1)) - 1),
      ring_(ring_mask_ + 1) {
  for (std::size_t i = 0; i < accel::kRegisters; ++i) {
    const auto which = static_cast<Register>(i);
    words_[i] = as_size((accel::bits_of(which, geometry) + 31) / 32);
    first_[i + 1] = first_[i] + as_size(lanes_of(which, geometry)) * words_[i];
    if (accel::kRegisterNames[i].kind == accel::Kind::memory) memories_.push_back(which);
  }
  values_.resize(first_.back());
  for (std::vector<std::int32_t>* ring : {&before_, &acc_, &biased_}) {
    ring->resize(ring_.size() * as_size(geometry.cols));
  }
  psums_in_.resize(2 * ring_.size() * as_size(geometry.cols));
  if (wires) {
    operands_.resize(ring_.size() * as_size(geometry.rows));
    row_flags_.resize(operands_.size());
    controls_.resize(ring_.size());
  }
  reset();
}

void Stages::reset() {
  std::ranges::fill(values_, 0);
  beats_.fill({});
  for (std::size_t i = 0; i < accel::kRegisters; ++i) know(static_cast<Register>(i));
  for (const Register memory : memories_) know(memory, false);
  for (const Register not_reset : {accel::kActRead, accel::kBankRead}) know(not_reset, false);
  weights_to_push_.clear();
  weight_fifo_.clear();
  std::ranges::fill(ring_, Beat{});
  std::ranges::fill(controls_, RowControl{});
  par_slot_ = tile_slot_ = 0;
  shown_group_ = -1;
}

void Stages::set_words(Register which, const std::uint32_t* words) {
  std::memcpy(this->words(which), words, words_[which] * sizeof *words);
}

void Stages::show_column(Register which, const Beat& beat, const std::int32_t* values) {
  std::copy_n(values, geometry_.cols, words(which));
  know(which);
  beats_[which] = beat.at;
}

void Stages::edge(const Active& active, const Registers& q, const Decision& d, const std::int16_t* activations) {
  for (const Register memory : memories_) know(memory, false);
  load_config(active, q, d);
  load_weights(active, q, d);
  load_activations(active, q, d);
  if (!d.step) return;
  if (active.job.command != nullptr) {
    const accel::Command& command = *active.job.command;
    push(active);
    multiply(command);
    add_bias(command);
    hand_on(command.header);
    accumulate(command.header);
    read_bank();
  }
  if (wires_) controls_[slot_of(0)] = {d.pass_start, d.w_pop ? q.wrow : -1};
  issue(active, q, d, activations);
  move_tags();
  ++step_;
}

// ---- Loaders, section 5

void Stages::load_config(const Active& active, const Registers& q, const Decision& d) {
  if (!d.cfg_taken) return;
  if (q.state != State::S_READ_PARAM) return load_channel(active, q);
  std::int32_t* header = words(accel::kHeader);
  constexpr std::size_t kWords = 4;  // of a beat
  std::copy_n(header + kWords, 2 * kWords, header);
  std::memcpy(header + 2 * kWords, active.job.command->cfg[as_size(q.hdr)], kWords * sizeof *header);
}

/// The slot is looked at when its last column has been written.
void Stages::load_channel(const Active& active, const Registers& q) {
  if (q.col + 1 < geometry_.cols) return;
  const accel::Command& command = *active.job.command;
  const int tile = command.header.oc_tiles - q.par_left;
  for (int col = 0; col < geometry_.cols; ++col) {
    const accel::ChannelEntry& entry = command.channels[as_size(tile) * as_size(geometry_.cols) + as_size(col)];
    *words(accel::kBias, col) = entry.bias;
    put64(words(accel::kMultiplier, col), (std::int64_t{entry.lshift} << 32) | entry.m0);
    *words(accel::kShift, col) = entry.n;
  }
  for (const Register memory : {accel::kBias, accel::kMultiplier, accel::kShift}) {
    know(memory);
    shown_[memory].address = as_size(par_slot_);
  }
  par_slot_ = (par_slot_ + 1) % geometry_.par_tiles;
}

void Stages::show_weight(Register which, const WeightBeat& beat) {
  know(which, beat.command != nullptr);
  if (beat.command != nullptr) set_words(which, beat.command->wgt[beat.beat]);
}

void Stages::load_weights(const Active& active, const Registers& q, const Decision& d) {
  const bool codebook = pops_codebook(active, q);
  if (codebook && weight_fifo_.front().command != nullptr) {
    const std::uint32_t* beat = weight_fifo_.front().command->wgt[weight_fifo_.front().beat];
    for (int i = 0; i < kLevels; ++i) {
      *words(accel::kLevel, i) =
          static_cast<std::int32_t>(base::get_field(beat, i * geometry_.wgt_width, geometry_.wgt_width));
    }
  }
  if (d.w_pop && q.wrow == 0) set(accel::kWgtAlign, active.job.command->align[as_size(q.loading_pass)]);
  if (d.w_pop || codebook) weight_fifo_.pop_front();
  if (d.wgt_taken) push_weight();
  if (weight_fifo_.empty()) {
    know(accel::kWgtHead);
    std::fill_n(words(accel::kWgtHead), words_[accel::kWgtHead], 0);
  } else {
    show_weight(accel::kWgtHead, weight_fifo_.front());
  }
}

void Stages::push_weight() {
  const WeightBeat next = weights_to_push_.empty() ? WeightBeat{} : weights_to_push_.front();
  weight_fifo_.push_back(next);
  show_weight(accel::kWgtTail, next);
  if (next.command != nullptr && ++weights_to_push_.front().beat == next.command->wgt.size())
    weights_to_push_.pop_front();
}

void Stages::load_activations(const Active& active, const Registers& q, const Decision& d) {
  if (!d.act_taken) return;
  const std::size_t beat = as_size(q.groups_taken) * as_size(active.in_pixels) + as_size(q.fill_cnt);
  set_words(accel::kActWord, accel::act_beat(*active.job.command, *active.job.stimulus, beat));
  know(accel::kActWord);
  shown_[accel::kActWord].address = q.fill_bank * as_size(geometry_.act_depth) + as_size(q.fill_cnt);
}

// ---- The rigid pipeline, sections 6 and 7. Oldest beat first: each stage takes what the one before it held.

const std::int32_t* Stages::outputs_of(const Active& active, const Beat& beat) const {
  const std::size_t out_beat = as_size(beat.oc_tile) * as_size(active.out_pixels) + as_size(beat.at.pixel);
  return active.job.expected + out_beat * as_size(geometry_.cols);
}

void Stages::push(const Active& active) {
  const Beat& beat = aged(depth_ + kPushed);
  if (!beat.final) return;
  const std::int32_t* values = outputs_of(active, beat);
  base::BeatWriter writer(reinterpret_cast<std::uint32_t*>(words(accel::kOutTail)));
  for (int col = 0; col < geometry_.cols; ++col) writer.put(values[col], geometry_.psum_width);
  writer.put(beat.layer_last ? 1 : 0, 1);
  writer.finish();
  beats_[accel::kOutTail] = beat.at;
}

void Stages::multiply(const accel::Command& command) {
  const Beat& beat = aged(depth_ + kMultiplied);
  if (!beat.final) return;
  const accel::Header& h = command.header;
  for (int col = 0; col < geometry_.cols; ++col) {
    const std::int32_t biased = *words(accel::kBiased, col);
    const accel::ChannelEntry& entry = channel(command, beat, col);
    put64(words(accel::kProduct, col), h.raw ? biased : product_of(biased, h.multiply, entry.m0, entry.lshift));
  }
  beats_[accel::kProduct] = beat.at;
}

std::int32_t Stages::biased(const accel::Command& command, const Beat& beat, int col, std::int32_t b) {
  const accel::Header& h = command.header;
  const bool add2 = h.accumulate == accel::Accumulate::add2;
  const std::int32_t psum = *words(accel::kOutPsum, col);
  const std::int64_t base = add2 ? residual_sum(h, psum, b) : psum;
  const int bits = add2 ? geometry_.psum_width - 1 : h.psum_bits;
  return static_cast<std::int32_t>(fixed::clamp_psum(base + channel(command, beat, col).bias, bits).value);
}

void Stages::add_bias(const accel::Command& command) {
  const Beat& beat = aged(depth_ + kBiasAdded);
  if (!beat.final) return;
  const std::int32_t* b = aligned_psums(depth_ + kBiasAdded);
  std::int32_t* kept = columns(biased_, depth_ + kBiasAdded);
  for (int col = 0; col < geometry_.cols; ++col) kept[col] = biased(command, beat, col, b[col]);
  show_column(accel::kBiased, beat, kept);
}

void Stages::hand_on(const accel::Header& h) {
  const Beat& beat = aged(depth_ + kHandedOn);
  if (!beat.final) return;
  show_column(accel::kOutPsum, beat, words(accel::kAcc));
  if (h.accumulate != accel::Accumulate::add2) return;
  for (int col = 0; col < geometry_.cols; ++col) {
    put64(words(accel::kProductA, col), product_of(*words(accel::kAcc, col), true, h.m_a, h.lshift_a));
    put64(words(accel::kProductB, col), product_of(*words(accel::kOperandB, col), true, h.m_b, h.lshift_b));
  }
  beats_[accel::kProductA] = beats_[accel::kProductB] = beat.at;
}

void Stages::accumulate(const accel::Header& h) {
  const Beat& beat = aged(depth_);
  if (beat.at.pass < 0) return;
  if (!beat.final) {
    show_column(accel::kBankWord, beat, columns(acc_, depth_));
    shown_[accel::kBankWord].address = as_size(beat.at.pixel);
    return;
  }
  const bool add2 = h.accumulate == accel::Accumulate::add2;
  show_column(accel::kAcc, beat, columns(add2 ? before_ : acc_, depth_));
  show_column(accel::kOperandB, beat, aligned_psums(depth_));
}

/// A word that no pass of this oc tile has written is not used.
void Stages::read_bank() {
  const Beat& beat = aged(depth_ - 1);
  if (beat.at.pass < 0) return;
  show_column(accel::kBankRead, beat, columns(before_, depth_ - 1));
  know(accel::kBankRead, !beat.first);
}

void Stages::issue(const Active& active, const Registers& q, const Decision& d, const std::int16_t* activations) {
  Beat& beat = ring_[slot_of(0)];
  beat = Beat{};
  const bool padding = activations == nullptr;
  set(accel::kBeat, d.issue && !padding ? 1U : 0U);
  know(accel::kZero, d.issue);
  if (wires_) show_operands(activations);
  if (!d.issue) return;
  const accel::Command& command = *active.job.command;
  const accel::Header& h = command.header;
  const bool last_beat = q.beat.pixel == active.out_pixels - 1;
  beat.at = {q.beat.pass, q.beat.pixel};
  beat.tap = !padding;
  beat.first = q.beat.pass_in_tile == 0;
  beat.final = q.beat.pass_in_tile == active.passes_per_oc_tile - 1;
  beat.tile_last = beat.final && last_beat;
  beat.layer_last = beat.tile_last && q.beat.pass == active.passes - 1;
  beat.oc_tile = q.beat.pass / active.passes_per_oc_tile;
  beat.slot = tile_slot_;
  beat.align = command.align[as_size(q.beat.pass)];
  if (beat.tile_last) tile_slot_ = (tile_slot_ + 1) % geometry_.par_tiles;
  if (d.pass_start) set(accel::kAlign, static_cast<std::uint32_t>(beat.align));
  const bool second_operand = h.accumulate == accel::Accumulate::add2 && q.beat.group % h.ic_tiles % 2 != 0;
  *words(accel::kZero) = second_operand ? h.zero_b : h.zero_in;
  beats_[accel::kBeat] = beats_[accel::kZero] = beat.at;
  std::copy_n(psums_.word(q.beat.pixel), geometry_.cols, columns(before_, 0));
  if (wires_ && !padding) std::copy_n(activations, geometry_.rows, of_rows(operands_, 0));
  (void)psums_.beat(command, q.beat.pass, q.beat.pixel, activations, raw_psums(0),
                    wires_ ? of_rows(row_flags_, 0) : nullptr);
  std::copy_n(psums_.word(q.beat.pixel), geometry_.cols, columns(acc_, 0));
  read_activations(active, q, padding);
}

/// A padded tap reads word 0 and does not use it.
void Stages::read_activations(const Active& active, const Registers& q, bool padding) {
  const accel::Header& h = active.job.command->header;
  const std::size_t word = padding ? 0 : as_size(tap_word(h, q.beat.oy, q.beat.ox, q.beat.kh, q.beat.kw));
  const std::size_t beat = as_size(q.beat.group) * as_size(active.in_pixels) + word;
  set_words(accel::kActRead, accel::act_beat(*active.job.command, *active.job.stimulus, beat));
  know(accel::kActRead);
  beats_[accel::kActRead] = {q.beat.pass, q.beat.pixel};
}

void Stages::move_tags() {
  const int slot_bits = accel::log2_of(geometry_.par_tiles);
  const auto short_tag = [slot_bits](const Beat& beat) {
    return (beat.layer_last ? 2U << slot_bits : 0U) | (beat.tile_last ? 1U << slot_bits : 0U) |
           static_cast<unsigned>(beat.slot);
  };
  const Beat& early = aged(depth_ - 1);
  const bool valid = early.at.pass >= 0;
  std::uint32_t tag = static_cast<std::uint32_t>(early.align) << slot_bits | static_cast<std::uint32_t>(early.slot);
  for (const bool flag : {early.layer_last, early.tile_last, early.final, early.first})
    tag = tag << 1 | (flag ? 1U : 0U);
  tag = tag << pixel_bits_ | static_cast<std::uint32_t>(valid ? early.at.pixel : 0);
  set(accel::kTagValid, valid ? 1U : 0U);
  set(accel::kTag, tag);
  std::uint32_t out_valid = 0;
  constexpr std::array kTags{accel::kStageTag1, accel::kStageTag2, accel::kStageTag3, accel::kStageTag4};
  for (std::size_t i = 0; i < kTags.size(); ++i) {
    const Beat& beat = aged(depth_ + static_cast<int>(i));
    out_valid |= (beat.final ? 1U : 0U) << i;
    set(kTags[i], short_tag(beat));
    beats_[kTags[i]] = beat.at;
  }
  set(accel::kStageValid, out_valid);
  set(accel::kTileSlot, static_cast<std::uint32_t>(tile_slot_));
  beats_[accel::kTag] = beats_[accel::kTagValid] = early.at;
}

// ---- Control

void Stages::show(const Active& active, const Registers& q) {
  const auto number = [](auto value) { return static_cast<std::uint32_t>(value); };
  set(accel::kMore, number(q.more));
  set(accel::kHdr, number(q.hdr % kBeatsOfHeader));
  set(accel::kParLeft, number(q.par_left));
  set(accel::kParUsed, number(q.par_used));
  set(accel::kParAvail, number(q.par_avail));
  set(accel::kParCol, number(q.col));
  set(accel::kParSlot, number(par_slot_));
  set(accel::kWgtCount, number(q.wgt_count));
  set(accel::kWgtRow, number(q.wrow));
  set(accel::kWgtFull, number(q.w_full));
  set(accel::kActLeft, number(q.act_left));
  set(accel::kFillCount, number(q.fill_cnt));
  set(accel::kFillBank, q.fill_bank);
  set(accel::kActFull, number(q.act_full[0]) | number(q.act_full[1]) << 1);
  set(accel::kReadBank, q.rd_bank);
  set(accel::kMid, number(q.mid));
  set(accel::kOy, number(q.beat.oy));
  set(accel::kOx, number(q.beat.ox));
  set(accel::kKh, number(q.beat.kh));
  set(accel::kKw, number(q.beat.kw));
  set(accel::kPixel, number(q.beat.pixel));
  set(accel::kOutCount, number(q.out_count));
  if (q.beat.group == shown_group_) return;
  shown_group_ = q.beat.group;
  const int ic_tiles = active.job.command == nullptr ? 1 : active.job.command->header.ic_tiles;
  const int group = q.beat.group == active.groups ? 0 : q.beat.group;
  set(accel::kIc, number(group % ic_tiles));
  set(accel::kOc, number(group / ic_tiles));
}

// ---- Wires: what stands between modules after the edge

void Stages::show_wires(const Active& active, const Registers& q, const Decision& next) {
  set(accel::kStep, next.step ? 1U : 0U);
  set(accel::kPassStart, next.pass_start ? 1U : 0U);
  set(accel::kIssue, next.issue ? 1U : 0U);
  set(accel::kWeightPop, next.w_pop ? 1U : 0U);
  show_skewed({next.pass_start, next.w_pop ? q.wrow : -1});
  show_cells();
  const bool any = active.job.command != nullptr;
  show_loader_wires(active, q, any && q.state != State::S_READ_PARAM);
  for (const Register which :
       {accel::kStraight, accel::kColumn,      accel::kAligned,    accel::kBase,     accel::kSum,
        accel::kBest,     accel::kAccWire,     accel::kShiftedA,   accel::kShiftedB, accel::kResidual,
        accel::kUnbiased, accel::kBiasWire,    accel::kBiasedWire, accel::kM0,       accel::kLeftShift,
        accel::kShifted,  accel::kProductWire, accel::kRightShift, accel::kDoubled,  accel::kRounded,
        accel::kValue}) {
    know(which, false);
  }
  if (!any) return;
  const accel::Command& command = *active.job.command;
  show_bank_wires(command.header);
  if (command.header.accumulate == accel::Accumulate::add2 && next.step) show_residual_wires(command);
  show_bias_wires(command, next.step);
  show_multiply_wires(command, next.step);
  show_push_wires(active, next.step);
}

/// The operands of the beat issued last.
void Stages::show_operands(const std::int16_t* activations) {
  base::BeatWriter writer(reinterpret_cast<std::uint32_t*>(words(accel::kOperands)));
  for (int row = 0; row < geometry_.rows; ++row)
    writer.put(activations == nullptr ? 0 : activations[row], geometry_.act_width + 1);
  writer.finish();
}

/// Lane i of each is i steps old. `next`: what the rows are told in the next step.
void Stages::show_skewed(const RowControl& next) {
  base::BeatWriter acts(reinterpret_cast<std::uint32_t*>(words(accel::kActSkewed)));
  base::BeatWriter controls(reinterpret_cast<std::uint32_t*>(words(accel::kControlSkewed)));
  for (int row = 0; row < geometry_.rows; ++row) {
    const int age = 1 + row;
    acts.put(aged(age).tap ? of_rows(operands_, age)[row] : 0, geometry_.act_width + 1);
    const RowControl& control = row == 0 ? next : controls_[slot_of(row)];
    controls.put(control.popped == row ? 1 : 0, 1);
    controls.put(control.pass_start ? 1 : 0, 1);
  }
  acts.finish();
  controls.finish();
  std::uint32_t enables = 0;
  for (int col = 0; col < geometry_.cols; ++col) enables |= (aged(1 + col).tap ? 1U : 0U) << col;
  set(accel::kEnableSkewed, enables);
}

/// What goes down the columns beside the psums.
void Stages::show_cells() {
  for (int row = 0; row < geometry_.rows; ++row) {
    for (int col = 0; col < geometry_.cols; ++col) {
      const int age = 2 + row + col, cell = row * geometry_.cols + col;
      const bool tap = aged(age).tap;
      *words(accel::kEnable, cell) = tap ? 1 : 0;
      *words(accel::kCellOverflow, cell) = tap && (of_rows(row_flags_, age)[row] >> col & 1U) != 0 ? 1 : 0;
    }
  }
}

void Stages::show_loader_wires(const Active& active, const Registers& q, bool header_stands) {
  for (const Register which :
       {accel::kPadding, accel::kAddress, accel::kFirstPass, accel::kFinalPass, accel::kLastPass}) {
    know(which, header_stands);
  }
  const bool row_stands = header_stands && !weight_fifo_.empty() &&
                          weight_fifo_.front().command == active.job.command &&
                          (!active.job.command->header.codebook || weight_fifo_.front().beat > 0);
  know(accel::kWeightOperands, row_stands);
  if (!header_stands) return;
  const accel::Command& command = *active.job.command;
  const accel::Header& h = command.header;
  const int word = tap_word(h, q.beat.oy, q.beat.ox, q.beat.kh, q.beat.kw);
  set(accel::kPadding, word < 0 ? 1U : 0U);
  set(accel::kAddress, word < 0 ? 0U : static_cast<std::uint32_t>(word));
  const int pass = q.beat.pass % active.passes;  // the counters are 0 again behind the last one
  const bool final = q.beat.pass_in_tile == active.passes_per_oc_tile - 1;
  set(accel::kFirstPass, q.beat.pass_in_tile == 0 ? 1U : 0U);
  set(accel::kFinalPass, final ? 1U : 0U);
  set(accel::kLastPass, pass == active.passes - 1 ? 1U : 0U);
  if (!row_stands) return;
  const std::size_t row = weight_fifo_.front().beat - (h.codebook ? 1 : 0);
  base::BeatWriter writer(reinterpret_cast<std::uint32_t*>(words(accel::kWeightOperands)));
  for (int col = 0; col < geometry_.cols; ++col)
    writer.put(command.weights[row * as_size(geometry_.cols) + as_size(col)], geometry_.wgt_width + 1);
  writer.finish();
}

void Stages::show_bank_wires(const accel::Header& h) {
  const Beat& beat = aged(depth_);
  if (beat.at.pass < 0) return;
  base::BeatWriter writer(reinterpret_cast<std::uint32_t*>(words(accel::kStraight)));
  for (int col = 0; col < geometry_.cols; ++col) writer.put(raw_psums(depth_)[col], geometry_.psum_width);
  writer.finish();
  know(accel::kStraight);
  beats_[accel::kStraight] = beat.at;
  show_column(accel::kColumn, beat, raw_psums(depth_));
  show_column(accel::kAligned, beat, aligned_psums(depth_));
  show_column(accel::kBase, beat, columns(before_, depth_));
  if (beat.first) std::fill_n(words(accel::kBase), geometry_.cols, 0);
  if (h.accumulate == accel::Accumulate::add2 && beat.final) return;  // operand a is handed on as it was read
  const bool max = h.accumulate == accel::Accumulate::max;
  for (const Register which : {max ? accel::kBest : accel::kSum, accel::kAccWire})
    show_column(which, beat, columns(acc_, depth_));
}

// Each stage of the output one step before its register takes what it computes; most of it is 0 where nothing steps.

template <class Value>
void Stages::show_lanes(Register which, const Beat& beat, const Value& value) {
  for (int col = 0; col < geometry_.cols; ++col) {
    const std::int64_t one = value(col);
    if (words_[which] == 2) {
      put64(words(which, col), one);
    } else {
      *words(which, col) = static_cast<std::int32_t>(one);
    }
  }
  know(which);
  beats_[which] = beat.at;
}

void Stages::show_residual_wires(const accel::Command& command) {
  const accel::Header& h = command.header;
  if (const Beat& beat = aged(depth_ + kHandedOn); beat.final) {
    show_lanes(accel::kShiftedA, beat,
               [&](int col) { return fixed::saturating_shift_left(*words(accel::kAcc, col), h.lshift_a); });
    show_lanes(accel::kShiftedB, beat,
               [&](int col) { return fixed::saturating_shift_left(*words(accel::kOperandB, col), h.lshift_b); });
  }
  if (const Beat& beat = aged(depth_ + kBiasAdded); beat.final) {
    const std::int32_t* b = aligned_psums(depth_ + kBiasAdded);
    show_lanes(accel::kResidual, beat, [&](int col) { return residual_sum(h, *words(accel::kOutPsum, col), b[col]); });
  }
}

void Stages::show_bias_wires(const accel::Command& command, bool step) {
  constexpr auto kAdd2 = accel::Accumulate::add2;
  const Beat& beat = aged(depth_ + kBiasAdded);
  if (!beat.final) return;
  const bool add2 = command.header.accumulate == kAdd2;
  const std::int32_t* b = aligned_psums(depth_ + kBiasAdded);
  show_lanes(accel::kBiasWire, beat, [&](int col) { return channel(command, beat, col).bias; });
  if (!add2) show_lanes(accel::kUnbiased, beat, [&](int col) { return *words(accel::kOutPsum, col); });
  if (!add2 || step) show_lanes(accel::kBiasedWire, beat, [&](int col) { return biased(command, beat, col, b[col]); });
}

void Stages::show_multiply_wires(const accel::Command& command, bool step) {
  const accel::Header& h = command.header;
  const int age = depth_ + kMultiplied;
  const Beat& beat = aged(age);
  if (!beat.final) return;
  const auto entry = [&](int col) -> const accel::ChannelEntry& { return channel(command, beat, col); };
  show_lanes(accel::kM0, beat, [&](int col) { return entry(col).m0; });
  show_lanes(accel::kLeftShift, beat, [&](int col) { return entry(col).lshift; });
  if (!step || h.raw) return;
  const std::int32_t* x = columns(biased_, age);
  show_lanes(accel::kShifted, beat, [&](int col) { return fixed::saturating_shift_left(x[col], entry(col).lshift); });
  show_lanes(accel::kProductWire, beat,
             [&](int col) { return product_of(x[col], h.multiply, entry(col).m0, entry(col).lshift); });
}

void Stages::show_push_wires(const Active& active, bool step) {
  const accel::Command& command = *active.job.command;
  const accel::Header& h = command.header;
  const int age = depth_ + kPushed;
  const Beat& beat = aged(age);
  if (!beat.final) return;
  const auto entry = [&](int col) -> const accel::ChannelEntry& { return channel(command, beat, col); };
  const std::int32_t* values = outputs_of(active, beat);
  show_lanes(accel::kRightShift, beat, [&](int col) { return entry(col).n; });
  if (step || h.raw) show_column(accel::kValue, beat, values);
  if (!step || h.raw) return;
  const std::int32_t* x = columns(biased_, age);
  const auto rule = static_cast<fixed::Rounding>(h.rule);
  show_lanes(accel::kDoubled, beat, [&](int col) {
    const std::int32_t x1 = fixed::saturating_shift_left(x[col], entry(col).lshift);
    const bool twice = h.multiply && rule == fixed::Rounding::double_rounding;
    return twice ? std::int64_t{fixed::saturating_rounding_doubling_high_mul(x1, entry(col).m0)}
                 : product_of(x[col], h.multiply, entry(col).m0, entry(col).lshift);
  });
  constexpr std::int64_t kBits34 = (std::int64_t{1} << 34) - 1;
  show_lanes(accel::kRounded, beat, [&](int col) {
    const std::int64_t y = fixed::requantize(x[col], rule, h.multiply, entry(col).m0, entry(col).lshift, entry(col).n);
    return y & kBits34;
  });
}

}  // namespace systole::cycle
