// SPDX-License-Identifier: Apache-2.0
// rtl/psum_bank.v: column c of a beat comes c steps after column 0; the bank straightens them and accumulates over two
// passes.
#include <Vpsum_bank.h>
#include <Vpsum_bank___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <vector>

#include "golden/fixed/round.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vpsum_bank___024root;
constexpr int kCols = Root::psum_bank__DOT__Cols;
constexpr int kWidth = Root::psum_bank__DOT__PsumWidth;
constexpr int kPixels = 8, kPasses = 3;
static_assert(kCols == 4 && kWidth == 12 && Root::psum_bank__DOT__Depth == 16);

struct Beat {
  bool valid = false, first = false, final = false;
  int pixel = 0, align = 0;
  std::array<std::int64_t, kCols> psum{};
  std::array<bool, kCols> overflow{};
  std::array<std::int64_t, kCols> expected{};
  std::array<bool, kCols> expected_overflow{};
};

/// Tiles of kPasses passes over kPixels pixels with bubbles between the beats, and what the bank must make of them.
std::vector<Beat> random_beats(Draws& draws, int tiles, int bits) {
  std::vector<Beat> beats;
  std::array<std::array<std::int64_t, kCols>, kPixels> acc{};
  for (int pass = 0; pass < tiles * kPasses; ++pass) {
    const int align = draws.between(0, 3);
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      while (draws.chance(50)) beats.emplace_back();
      Beat& beat = beats.emplace_back();
      beat.valid = true;
      beat.first = pass % kPasses == 0;
      beat.final = pass % kPasses == kPasses - 1;
      beat.pixel = pixel;
      beat.align = align;
      for (std::size_t c = 0; c < kCols; ++c) {
        beat.psum[c] = draws.value(kWidth - 1);
        beat.overflow[c] = draws.chance(20);
        std::int64_t& sum = acc[static_cast<std::size_t>(pixel)][c];
        const auto clamped =
            fixed::clamp_psum((beat.first ? 0 : sum) + fixed::round_shift_floor(beat.psum[c], align), bits);
        sum = beat.expected[c] = clamped.value;
        beat.expected_overflow[c] = clamped.overflow || beat.overflow[c];
      }
    }
  }
  return beats;
}

class BankRun {
 public:
  BankRun(std::vector<Beat> beats, int bits) : beats_(std::move(beats)) {
    put(dut_->psum_max_i, fixed::psum_max(bits), kWidth);
  }

  void run(Draws& draws, std::uint32_t step_of_256) {
    const int last = static_cast<int>(beats_.size()) + kCols + 1;
    for (int step = 0; step < last; ++step) {
      put_inputs(step);
      do {
        dut_->step_i = draws.chance(step_of_256) ? 1 : 0;
        dut_.settle();
        compare(step);
        dut_.tick();
      } while (dut_->step_i == 0);
    }
  }

  Tally acc, overflow;

 private:
  [[nodiscard]] Beat at(int step) const {
    if (step < 0 || step >= static_cast<int>(beats_.size())) return {};
    return beats_[static_cast<std::size_t>(step)];
  }

  void put_inputs(int step) {
    for (int c = 0; c < kCols; ++c) {
      const Beat beat = at(step - c);
      put_field(dut_->psum_i, c * kWidth, kWidth, beat.psum[static_cast<std::size_t>(c)]);
      put_field(dut_->en_i, c, 1, beat.valid ? 1 : 0);
      put_field(dut_->overflow_i, c, 1, beat.overflow[static_cast<std::size_t>(c)] ? 1 : 0);
    }
    const Beat next = at(step - (kCols - 2));
    dut_->rd_en_i = next.valid ? 1 : 0;
    dut_->rd_pixel_i = static_cast<CData>(next.pixel);
    const Beat now = at(step - (kCols - 1));
    dut_->wr_en_i = now.valid ? 1 : 0;
    dut_->wr_pixel_i = static_cast<CData>(now.pixel);
    dut_->first_i = now.first ? 1 : 0;
    dut_->final_i = now.final ? 1 : 0;
    dut_->align_i = static_cast<CData>(now.align);
  }

  void compare(int step) {
    const Beat now = at(step - (kCols - 1));
    const Beat before = at(step - kCols);
    for (std::size_t c = 0; c < kCols; ++c) {
      const auto where = [&] { return fmt::format("step {} column {}", step, c); };
      const bool counts = now.valid && dut_->step_i != 0 && now.expected_overflow[c];
      overflow.expect(static_cast<std::int64_t>(field(dut_->overflow_o, static_cast<int>(c), 1)), counts ? 1 : 0,
                      where);
      if (!before.valid || !before.final) continue;
      acc.expect(sign_extend(field(dut_->acc_o, static_cast<int>(c) * kWidth, kWidth), kWidth), before.expected[c],
                 where);
    }
  }

  RtlBench<Vpsum_bank> dut_;
  std::vector<Beat> beats_;
};

void run_bank(const char* test, std::uint32_t step_of_256, int bits) {
  constexpr int kTiles = 200;
  Draws draws(test);
  BankRun run(random_beats(draws, kTiles, bits), bits);
  run.run(draws, step_of_256);
  CHECK_MESSAGE(run.acc.wrong() == 0, run.acc.first());
  CHECK_MESSAGE(run.overflow.wrong() == 0, run.overflow.first());
  CHECK(run.acc.compared() >= kTiles * kPixels * kCols);
}

TEST_CASE("block.psum_bank.back_to_back") { run_bank("block.psum_bank.back_to_back", 256, kWidth - 1); }
TEST_CASE("block.psum_bank.random_steps") { run_bank("block.psum_bank.random_steps", 150, kWidth - 1); }
TEST_CASE("block.psum_bank.saturates.bits_9") { run_bank("block.psum_bank.saturates", 200, 9); }

}  // namespace
}  // namespace systole::test
