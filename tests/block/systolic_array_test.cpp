// SPDX-License-Identifier: Apache-2.0
// rtl/systolic_array.v, 4x4, against a plain product: random bubbles, padded beats, stalls, and weight tiles that
// follow each other without a gap. The offsets between streams are those of docs/timing.md, section 7, with k the step
// of issue.
#include <Vsystolic_array.h>
#include <Vsystolic_array___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <vector>

#include "golden/fixed/saturate.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vsystolic_array___024root;
constexpr int kRows = Root::systolic_array__DOT__Rows;
constexpr int kCols = Root::systolic_array__DOT__Cols;
constexpr int kDWidth = Root::systolic_array__DOT__DWidth;
constexpr int kWWidth = Root::systolic_array__DOT__WWidth;
constexpr int kPsumWidth = Root::systolic_array__DOT__PsumWidth;
static_assert(kRows == 4 && kCols == 4);

using Tile = std::array<std::array<std::int64_t, kCols>, kRows>;

/// What happens in one step: at most one weight row popped, at most one beat issued.
struct Step {
  int row = -1;  ///< of the popped weight row
  std::array<std::int64_t, kCols> weights{};
  bool pass_start = false, beat = false, padding = false;
  std::array<std::int64_t, kRows> activations{};
  int pass = -1;
};

/// Passes of random length; while one issues its beats, the next one's weight rows are popped, in random steps.
class Schedule {
 public:
  Schedule(Draws& draws, int passes) : draws_(draws) {
    load_tile();
    for (int row = 0; row < kRows; ++row) pop_row(steps.emplace_back(), row);
    for (int pass = 0; pass < passes; ++pass) issue_pass(pass);
  }

  std::vector<Step> steps;
  std::vector<Tile> tiles;

 private:
  void load_tile() {
    Tile& tile = tiles.emplace_back();
    for (auto& row : tile) {
      for (auto& weight : row) weight = draws_.value(kWWidth);
    }
  }
  void pop_row(Step& step, int row) {
    step.row = row;
    step.weights = tiles.back()[static_cast<std::size_t>(row)];
  }

  void issue_pass(int pass) {
    load_tile();
    int next_row = 0;
    int beats_left = draws_.between(1, 6);
    bool started = false;
    while (beats_left != 0 || next_row != kRows) {
      Step& step = steps.emplace_back();
      const bool issue = !started || (beats_left != 0 && draws_.chance(200));
      if (issue) {
        put_beat(step, pass);
        step.pass_start = !started;
        --beats_left;
      }
      started = true;
      if (next_row != kRows && draws_.chance(200)) pop_row(step, next_row++);
    }
  }

  void put_beat(Step& step, int pass) {
    step.beat = true;
    step.padding = draws_.chance(40);
    step.pass = pass;
    if (step.padding) return;
    for (auto& a : step.activations) a = draws_.value(kDWidth);
  }

  Draws& draws_;
};

struct Psum {
  std::int64_t value = 0;
  bool en = false, overflow = false;
};

Psum golden(const Step& step, const Schedule& schedule, int col, int bits) {
  if (!step.beat || step.padding) return {};
  Psum psum{0, true, false};
  const Tile& tile = schedule.tiles[static_cast<std::size_t>(step.pass)];
  for (std::size_t r = 0; r < kRows; ++r) {
    const fixed::ClampedPsum sum =
        fixed::clamp_psum(psum.value + step.activations[r] * tile[r][static_cast<std::size_t>(col)], bits);
    psum.value = sum.value;
    psum.overflow = psum.overflow || sum.overflow;
  }
  return psum;
}

class ArrayRun {
 public:
  ArrayRun(const Schedule& schedule, int bits, Draws& draws) : schedule_(schedule), bits_(bits), draws_(draws) {
    put(dut_->psum_max_i, fixed::psum_max(bits), kPsumWidth);
  }

  void run(std::uint32_t step_of_256) {
    const int last = static_cast<int>(schedule_.steps.size()) + kRows + kCols + 2;
    for (int step = 0; step < last; ++step) {
      put_inputs(step);
      do {
        dut_->step_i = draws_.chance(step_of_256) ? 1 : 0;
        dut_.settle();
        compare(step);
        dut_.tick();
      } while (dut_->step_i == 0);
    }
  }

  Tally tally;
  std::uint64_t overflows = 0, beats = 0;

 private:
  [[nodiscard]] Step at(int step) const {
    if (step < 0 || step >= static_cast<int>(schedule_.steps.size())) return {};
    return schedule_.steps[static_cast<std::size_t>(step)];
  }

  void put_inputs(int step) {
    for (int r = 0; r < kRows; ++r) {
      const Step popped = at(step - r);
      put_field(dut_->row_en_i, r, 1, popped.row == r ? 1 : 0);
      put_field(dut_->swap_i, r, 1, popped.pass_start ? 1 : 0);
      put_field(dut_->act_i, r * kDWidth, kDWidth, at(step - 1 - r).activations[static_cast<std::size_t>(r)]);
    }
    for (int c = 0; c < kCols; ++c) {
      const Step issued = at(step - 1 - c);
      put_field(dut_->weight_i, c * kWWidth, kWWidth, at(step - c).weights[static_cast<std::size_t>(c)]);
      put_field(dut_->en_i, c, 1, issued.beat && !issued.padding ? 1 : 0);
    }
  }

  void compare(int step) {
    for (int c = 0; c < kCols; ++c) {
      const Psum expected = golden(at(step - 2 - (kRows - 1) - c), schedule_, c, bits_);
      const auto where = [&] { return fmt::format("step {} column {} at {} bits", step, c, bits_); };
      tally.expect(sign_extend(field(dut_->psum_o, c * kPsumWidth, kPsumWidth), kPsumWidth), expected.value, where);
      tally.expect(static_cast<std::int64_t>(field(dut_->en_o, c, 1)), expected.en ? 1 : 0, where);
      tally.expect(static_cast<std::int64_t>(field(dut_->overflow_o, c, 1)), expected.overflow ? 1 : 0, where);
      overflows += expected.overflow ? 1 : 0;
      beats += expected.en ? 1 : 0;
    }
  }

  RtlBench<Vsystolic_array> dut_;
  const Schedule& schedule_;
  int bits_;
  Draws& draws_;
};

void run_array(const char* test, std::uint32_t step_of_256, int bits, bool overflows) {
  Draws draws(test);
  const Schedule schedule(draws, 2000);
  ArrayRun run(schedule, bits, draws);
  run.run(step_of_256);
  CHECK_MESSAGE(run.tally.wrong() == 0, run.tally.first());
  CHECK(run.tally.compared() >= schedule.steps.size() * kCols * 3);
  CHECK(run.beats > 10000);
  CHECK((run.overflows != 0) == overflows);
}

TEST_CASE("block.systolic_array.back_to_back") {
  run_array("block.systolic_array.back_to_back", 256, kPsumWidth - 1, false);
}
TEST_CASE("block.systolic_array.random_steps") {
  run_array("block.systolic_array.random_steps", 150, kPsumWidth - 1, false);
}
TEST_CASE("block.systolic_array.saturates.bits_7") { run_array("block.systolic_array.saturates", 220, 7, true); }

TEST_CASE("block.systolic_array.zero_en_clears_the_enable_chain") {
  RtlBench<Vsystolic_array> dut;
  dut->step_i = 1;
  put_field(dut->en_i, 0, kCols, -1);
  for (int step = 0; step < kRows + 1; ++step) dut.tick();
  CHECK(field(dut->en_o, 0, kCols) == low_bits(-1, kCols));
  dut->zero_en_i = 1;
  dut.tick();
  CHECK(dut->en_o == 0);
}

}  // namespace
}  // namespace systole::test
