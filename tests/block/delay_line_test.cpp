// SPDX-License-Identifier: Apache-2.0
// rtl/delay_line.v: valid and data, Depth steps later. Data mean nothing where valid is 0 and are not compared there.
#include <Vdelay_line_2.h>
#include <Vdelay_line_2___024root.h>
#include <Vdelay_line_7.h>
#include <Vdelay_line_7___024root.h>
#include <Vdelay_line_8.h>
#include <Vdelay_line_8___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <deque>
#include <optional>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

template <class Model, class Root>
void compare_words(std::uint32_t step_of_256, std::uint32_t valid_of_256, std::uint32_t reset_of_256) {
  constexpr int kDepth = Root::delay_line__DOT__Depth;
  constexpr int kWidth = Root::delay_line__DOT__Width;
  RtlBench<Model> dut;
  Draws draws("block.delay_line", kDepth + step_of_256);
  std::deque<std::optional<std::uint64_t>> line(kDepth);
  Tally valid_tally;
  Tally data_tally;
  constexpr int kCycles = 20000;
  std::uint64_t words = 0;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    if (draws.chance(reset_of_256)) {
      dut.reset();
      line.assign(kDepth, std::nullopt);
    }
    const bool step = draws.chance(step_of_256);
    const bool valid = draws.chance(valid_of_256);
    const std::uint64_t word = draws.bits32() & ((1U << kWidth) - 1);
    dut->step_i = step ? 1 : 0;
    dut->valid_i = valid ? 1 : 0;
    dut->data_i = static_cast<CData>(word);
    dut.settle();
    const std::optional<std::uint64_t> golden = line.front();
    const auto where = [&] { return fmt::format("cycle {}", cycle); };
    valid_tally.expect(dut->valid_o, golden.has_value() ? 1 : 0, where);
    if (golden) {
      ++words;
      data_tally.expect(dut->data_o, static_cast<std::int64_t>(*golden), where);
    }
    if (step) {
      line.pop_front();
      line.push_back(valid ? std::optional(word) : std::nullopt);
    }
    dut.tick();
  }
  CHECK_TALLY(valid_tally, kCycles);
  CHECK_TALLY(data_tally, words);
  CHECK(words > kCycles / 4);
}

template <class Model, class Root>
void compare_all_rates() {
  compare_words<Model, Root>(256, 256, 0);
  compare_words<Model, Root>(150, 128, 0);
  compare_words<Model, Root>(200, 200, 3);
}

static_assert(Vdelay_line_2___024root::delay_line__DOT__Depth == 2);
static_assert(Vdelay_line_7___024root::delay_line__DOT__Depth == 7);
static_assert(Vdelay_line_8___024root::delay_line__DOT__Depth == 8);

TEST_CASE("block.delay_line.random_steps.depth_2") { compare_all_rates<Vdelay_line_2, Vdelay_line_2___024root>(); }
TEST_CASE("block.delay_line.random_steps.depth_7") { compare_all_rates<Vdelay_line_7, Vdelay_line_7___024root>(); }
TEST_CASE("block.delay_line.random_steps.depth_8") { compare_all_rates<Vdelay_line_8, Vdelay_line_8___024root>(); }

}  // namespace
}  // namespace systole::test
