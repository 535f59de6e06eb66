// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/cells.h"

#include <algorithm>
#include <bit>

#include "base/as_size.h"
#include "golden/fixed/saturate.h"

namespace systole::cycle {

namespace {

using base::as_size;

/// Steps between two copies of the history's tail to its top; any number of at least 1 works.
constexpr std::size_t kHistorySpan = 240;

}  // namespace

CellArray::CellArray(int rows, int cols)
    : rows_(rows),
      cols_(cols),
      history_length_(kHistorySpan + as_size(rows + cols)),
      weight_(as_size(rows * cols)),
      shadow_(as_size(rows * cols)),
      act_(as_size(rows * cols)),
      psum_(as_size(rows * cols)),
      above_(as_size(cols)),
      history_(as_size(rows) * history_length_),
      slot_mask_(std::bit_ceil(as_size(rows + cols)) - 1) {
  shadow_writes_.resize((slot_mask_ + 1) * as_size(rows + cols));
  shadow_write_counts_.resize(slot_mask_ + 1);
  swap_ages_.reserve(
      as_size(cols / rows + 3));  // passes start at least `rows` steps apart, a wave lives rows + cols - 1
  set_clamp(false, 0);
  reset();
}

void CellArray::reset() {
  for (auto* registers : {&weight_, &shadow_, &act_, &psum_, &history_}) std::ranges::fill(*registers, 0);
  std::ranges::fill(shadow_write_counts_, std::uint8_t{0});
  swap_ages_.clear();
  position_ = kHistorySpan - 1;
  step_ = 0;
  active_steps_ = 0;
}

void CellArray::set_clamp(bool clamp, int psum_bits) {
  constexpr int kNarrowBits = 30;  // up to here psum + product fits 32 bits: 2^30 + 2^16
  if (!clamp) {
    move_ = move_for_size<std::int32_t, false>();
    return;
  }
  psum_low_ = static_cast<std::int32_t>(fixed::psum_min(psum_bits));
  psum_high_ = static_cast<std::int32_t>(fixed::psum_max(psum_bits));
  move_ = psum_bits <= kNarrowBits ? move_for_size<std::int32_t, true>() : move_for_size<std::int64_t, true>();
}

void CellArray::swap_weights() {
  swap_ages_.push_back(0);
  active_steps_ = rows_ + cols_ + 1;
}

void CellArray::load_row(int r, const std::int16_t* weights) {
  const std::size_t capacity = as_size(rows_ + cols_);
  for (int c = 0; c < cols_; ++c) {
    const std::size_t slot = (step_ + as_size(r + c)) & slot_mask_;
    shadow_writes_[slot * capacity + shadow_write_counts_[slot]++] = {static_cast<std::uint16_t>(r * cols_ + c),
                                                                      weights[c]};
  }
  active_steps_ = rows_ + cols_ + 1;
}

void CellArray::step(const std::int16_t* activations) {
  if (activations != nullptr) active_steps_ = rows_ + cols_ + 1;
  if (active_steps_ == 0) return;
  --active_steps_;
  enter(activations);
  move_(*this);      // beats see the weights of before this edge,
  swap_diagonals();  // a swap sees the shadow registers of before it
  write_shadows();
  advance_history();
  ++step_;
}

void CellArray::enter(const std::int16_t* activations) {
  std::int32_t* newest = history_.data() + position_;
  for (int r = 0; r < rows_; ++r) newest[as_size(r) * history_length_] = activations == nullptr ? 0 : activations[r];
}

/// In step j cell (r, c) takes in the operand issued in step j - 1 - r - c, which stands 1 + r + c above this step's
/// position.
template <int kRows, int kCols, class Sum, bool kClamp>
void CellArray::move(CellArray& cells) {
  const int rows = kRows != 0 ? kRows : cells.rows_;
  const int cols = kCols != 0 ? kCols : cells.cols_;
  const Sum low = cells.psum_low_;
  const Sum high = cells.psum_high_;
  for (int r = rows - 1; r >= 0; --r) {  // upwards, so that the row above still shows the step before
    const std::size_t row = as_size(r * cols);
    const std::int32_t* __restrict act_in =
        cells.history_.data() + as_size(r) * cells.history_length_ + cells.position_ + 1 + as_size(r);
    const std::int32_t* __restrict psum_in = r == 0 ? cells.above_.data() : cells.psum_.data() + row - as_size(cols);
    const std::int32_t* __restrict w = cells.weight_.data() + row;
    std::int32_t* __restrict act_q = cells.act_.data() + row;
    std::int32_t* __restrict psum_q = cells.psum_.data() + row;
    for (int c = 0; c < cols; ++c) {
      Sum sum = Sum{psum_in[c]} + w[c] * act_in[c];
      if constexpr (kClamp) sum = std::min(std::max(sum, low), high);
      act_q[c] = act_in[c];
      psum_q[c] = static_cast<std::int32_t>(sum);
    }
  }
}

template <class Sum, bool kClamp>
CellArray::Move CellArray::move_for_size() const {
  if (rows_ == 8 && cols_ == 8) return &move<8, 8, Sum, kClamp>;
  if (rows_ == 4 && cols_ == 4) return &move<4, 4, Sum, kClamp>;
  if (rows_ == 16 && cols_ == 16) return &move<16, 16, Sum, kClamp>;
  return &move<0, 0, Sum, kClamp>;
}

void CellArray::swap_diagonals() {
  for (int& age : swap_ages_) {
    const int last = std::min(age, rows_ - 1);
    for (int r = std::max(0, age - (cols_ - 1)); r <= last; ++r) {
      const std::size_t cell = as_size(r * cols_ + age - r);
      weight_[cell] = shadow_[cell];
    }
    ++age;
  }
  if (!swap_ages_.empty() && swap_ages_.front() == rows_ + cols_ - 1) swap_ages_.erase(swap_ages_.begin());
}

void CellArray::write_shadows() {
  const std::size_t slot = step_ & slot_mask_;
  const ShadowWrite* write = shadow_writes_.data() + slot * as_size(rows_ + cols_);
  for (int i = 0; i < shadow_write_counts_[slot]; ++i) shadow_[write[i].cell] = write[i].weight;
  shadow_write_counts_[slot] = 0;
}

void CellArray::advance_history() {
  if (position_ != 0) {
    --position_;
    return;
  }
  for (int r = 0; r < rows_; ++r) {
    std::int32_t* row = history_.data() + as_size(r) * history_length_;
    std::copy_n(row, rows_ + cols_, row + kHistorySpan);
  }
  position_ = kHistorySpan - 1;
}

}  // namespace systole::cycle
