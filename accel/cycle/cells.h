// SPDX-License-Identifier: Apache-2.0
#pragma once
// Expected registers of every c_unit after every step of the rigid pipeline (docs/timing.md, section 7).
//
// With k the step in which a beat is issued or a weight row popped, cell (r, c) shows after the edge that ends step
//   k + r + c      the popped weight in its shadow register (row r only), or shadow copied to active (pass_start)
//   k + 1 + r + c  act_q = a[r] and psum_q = clamp_psum(psum_q of row r - 1 + w * a[r]); both 0 for padding and bubbles
// Values come from the operands of the command, never from another cell's register, except that a psum extends the one
// above it by one product: the recurrence of docs/numerics.md, section 4.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::cycle {

class CellArray {
 public:
  CellArray(int rows, int cols);

  /// All registers 0, nothing under way.
  void reset();

  /// The layer's clamp: psums saturate at psum_bits, or `clamp` is false because none can leave the range.
  void set_clamp(bool clamp, int psum_bits);

  /// A pass starts in this step: swap shadow and active weights along the diagonals.
  void swap_weights();

  /// Row r of the next tile is popped in this step; `weights` holds `cols` operands.
  void load_row(int r, const std::int16_t* weights);

  /// Ends a step. `activations`: `rows` operands of the beat issued in it, null for padding or a bubble.
  void step(const std::int16_t* activations);

  // rows x cols, row major. The pointers stay valid for the life of the object.
  [[nodiscard]] const std::int32_t* weight() const { return weight_.data(); }
  [[nodiscard]] const std::int32_t* shadow() const { return shadow_.data(); }
  [[nodiscard]] const std::int32_t* act() const { return act_.data(); }
  [[nodiscard]] const std::int32_t* psum() const { return psum_.data(); }

 private:
  struct ShadowWrite {
    std::uint16_t cell;
    std::int16_t weight;
  };
  using Move = void (*)(CellArray&);

  template <int kRows, int kCols, class Sum, bool kClamp>
  static void move(CellArray& cells);
  template <class Sum, bool kClamp>
  [[nodiscard]] Move move_for_size() const;
  void enter(const std::int16_t* activations);
  void swap_diagonals();
  void write_shadows();
  void advance_history();

  int rows_, cols_;
  std::size_t history_length_;  ///< of one row
  std::vector<std::int32_t> weight_, shadow_, act_, psum_;
  std::vector<std::int32_t> above_;         ///< the zeros that enter row 0 from above
  std::vector<std::int32_t> history_;       ///< [row][position]: operands by step, the newest at the lowest position
  std::size_t position_ = 0;                ///< of this step in history_
  std::vector<int> swap_ages_;              ///< steps since each pass_start whose wave is still in the array
  std::vector<ShadowWrite> shadow_writes_;  ///< [step modulo slots][rows + cols]
  std::vector<std::uint8_t> shadow_write_counts_;  ///< [step modulo slots]
  std::size_t slot_mask_;
  std::size_t step_ = 0;
  int active_steps_ = 0;  ///< steps until every register is known to stand still
  std::int32_t psum_low_ = 0, psum_high_ = 0;
  Move move_ = nullptr;
};

}  // namespace systole::cycle
