// SPDX-License-Identifier: Apache-2.0
// rtl/codebook.v: element or looked-up level, sign, zero point.
#include <Vcodebook.h>
#include <Vcodebook___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kCols = Vcodebook___024root::codebook__DOT__Cols;
constexpr int kBits = Vcodebook___024root::codebook__DOT__WgtWidth;
constexpr int kValues = 1 << kBits;
static_assert(kCols == 4 && kBits == 4);

using Elements = std::array<int, kCols>;

Elements spread(int first, int distance) {
  Elements elements{};
  for (int c = 0; c < kCols; ++c) elements[static_cast<std::size_t>(c)] = (first + distance * c) % kValues;
  return elements;
}

void put_beat(RtlBench<Vcodebook>& dut, const Elements& elements) {
  for (int c = 0; c < kCols; ++c) put_field(dut->beat_i, c * kBits, kBits, elements[static_cast<std::size_t>(c)]);
}

void write_table(RtlBench<Vcodebook>& dut, const Elements& levels) {
  put_beat(dut, levels);
  dut->w8_we_i = 1;
  dut.tick();
  dut->w8_we_i = 0;
}

/// Compares all columns for one beat; differences that do not fit kBits + 1 signed bits are not legal zero points.
void expect_row(RtlBench<Vcodebook>& dut, Tally& tally, const Elements& levels, const Elements& elements, bool coded,
                bool is_signed, int zero) {
  dut->codebook_i = coded ? 1 : 0;
  dut->wgt_signed_i = is_signed ? 1 : 0;
  put(dut->zero_wgt_i, zero, kBits + 1);
  put_beat(dut, elements);
  dut.settle();
  for (int c = 0; c < kCols; ++c) {
    const int element = elements[static_cast<std::size_t>(c)];
    const int level = coded ? levels[static_cast<std::size_t>(element & 3)] : element;
    const std::int64_t value = is_signed ? sign_extend(static_cast<std::uint64_t>(level), kBits) : level;
    if (value - zero < -kValues || value - zero >= kValues) continue;
    tally.expect(sign_extend(field(dut->w_o, c * (kBits + 1), kBits + 1), kBits + 1), value - zero, [&] {
      return fmt::format("column {} element {} level {} coded {} signed {} zero {}", c, element, level, coded,
                         is_signed, zero);
    });
  }
}

TEST_CASE("block.codebook.exhaustive.width_4") {
  RtlBench<Vcodebook> dut;
  Tally tally;
  for (int table = 0; table < kValues; ++table) {
    const Elements levels = spread(table, 5);
    write_table(dut, levels);
    for (int element = 0; element < kValues; ++element) {
      for (int zero = -kValues / 2; zero < kValues; ++zero) {
        for (int mode = 0; mode < 4; ++mode) {
          expect_row(dut, tally, levels, spread(element, 1), (mode & 1) != 0, (mode & 2) != 0, zero);
        }
      }
    }
  }
  // Per sign mode, the legal pairs of 24 zero points and 16 levels: unsigned, the zero points -1 .. -8 lose 1 .. 8 high
  // levels; signed, 9 .. 15 lose 1 .. 7 low ones. Each pair comes in 16 tables or beats, 4 columns, with codebook on
  // and off.
  const int legal_unsigned = 24 * 16 - 36;
  const int legal_signed = 24 * 16 - 28;
  CHECK_TALLY(tally, 16 * 4 * 2 * (legal_unsigned + legal_signed));
}

TEST_CASE("block.codebook.table_holds_without_write_and_resets") {
  RtlBench<Vcodebook> dut;
  Tally tally;
  const Elements levels = spread(3, 5);
  write_table(dut, levels);
  put_beat(dut, spread(9, 1));
  dut.tick();
  expect_row(dut, tally, levels, spread(0, 1), true, false, 0);
  dut.reset();
  expect_row(dut, tally, Elements{}, spread(0, 1), true, false, 0);
  CHECK_TALLY(tally, 2 * kCols);
}

}  // namespace
}  // namespace systole::test
