// SPDX-License-Identifier: Apache-2.0
// rtl/psum_lane.v: passes over a few pixels in every accumulation mode, against docs/numerics.md, section 4.
#include <Vpsum_lane.h>
#include <Vpsum_lane___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "golden/fixed/round.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vpsum_lane___024root;
constexpr int kWidth = Root::psum_lane__DOT__PsumWidth;
constexpr int kPixels = Root::psum_lane__DOT__Depth;
static_assert(kWidth == 12 && kPixels == 16);

enum class Mode { add, max, add2 };

struct Pass {
  Mode mode;
  bool first, final;
  int align, bits;
};

class Lane {
 public:
  explicit Lane(const char* test) : draws_(test) {}

  /// One pixel of a pass: the bank is read one step before the psum stands at the lane.
  void beat(const Pass& pass, int pixel) {
    dut_->rd_en_i = 1;
    dut_->rd_pixel_i = static_cast<CData>(pixel);
    dut_->wr_en_i = 0;
    dut_.tick();
    dut_->rd_en_i = 0;
    while (draws_.chance(64)) {
      dut_->wr_pixel_i = static_cast<CData>(draws_.between(0, kPixels - 1));
      dut_.tick();
    }
    put_psum(pass, pixel);
    dut_.settle();
    expect_overflow(pass, pixel);
    dut_.tick();
    if (pass.final) expect_outputs(pass, pixel);
  }

  Tally tally;
  Draws& draws() { return draws_; }

 private:
  void put_psum(const Pass& pass, int pixel) {
    col_ = draws_.value(kWidth) >> draws_.between(0, 6);
    tap_ = draws_.chance(180);
    if (!tap_) col_ = 0;  // a padded beat's psum
    put(dut_->col_i, col_, kWidth);
    put(dut_->psum_max_i, fixed::psum_max(pass.bits), kWidth);
    dut_->tap_i = tap_ ? 1 : 0;
    dut_->wr_en_i = 1;
    dut_->wr_pixel_i = static_cast<CData>(pixel);
    dut_->first_i = pass.first ? 1 : 0;
    dut_->final_i = pass.final ? 1 : 0;
    dut_->max_i = pass.mode == Mode::max ? 1 : 0;
    dut_->add2_i = pass.mode == Mode::add2 ? 1 : 0;
    dut_->align_i = static_cast<CData>(pass.align);
  }

  [[nodiscard]] std::int64_t shifted(const Pass& pass) const { return fixed::round_shift_floor(col_, pass.align); }

  [[nodiscard]] fixed::ClampedPsum accumulated(const Pass& pass, int pixel) const {
    const std::int64_t stored = bank_[static_cast<std::size_t>(pixel)];
    if (pass.mode == Mode::max) {
      const std::int64_t best = pass.first ? fixed::psum_min(pass.bits) : stored;
      return {tap_ ? std::max(best, shifted(pass)) : best, false};
    }
    return fixed::clamp_psum((pass.first ? 0 : stored) + shifted(pass), pass.bits);
  }

  void expect_overflow(const Pass& pass, int pixel) {
    const bool overflow = pass.mode == Mode::add && tap_ && accumulated(pass, pixel).overflow;
    tally.expect(dut_->overflow_o, overflow ? 1 : 0, [&] { return fmt::format("overflow of pixel {}", pixel); });
    before_ = bank_[static_cast<std::size_t>(pixel)];
    acc_ = accumulated(pass, pixel).value;
    if (!pass.final) bank_[static_cast<std::size_t>(pixel)] = acc_;
  }

  void expect_outputs(const Pass& pass, int pixel) {
    const auto where = [&] { return fmt::format("pixel {} mode {}", pixel, static_cast<int>(pass.mode)); };
    tally.expect(sign_extend(dut_->acc_o, kWidth), pass.mode == Mode::add2 ? before_ : acc_, where);
    tally.expect(sign_extend(dut_->operand_b_o, kWidth), shifted(pass), where);
  }

  RtlBench<Vpsum_lane> dut_;
  Draws draws_;
  std::array<std::int64_t, kPixels> bank_{};
  std::int64_t col_ = 0, before_ = 0, acc_ = 0;
  bool tap_ = false;
};

void run_tiles(Lane& lane, Mode mode, int tiles) {
  for (int tile = 0; tile < tiles; ++tile) {
    const int passes = mode == Mode::add2 ? 2 : lane.draws().between(1, 5);
    const int bits = lane.draws().between(4, kWidth - 1);
    const int pixels = lane.draws().between(1, kPixels);
    for (int pass = 0; pass < passes; ++pass) {
      const int align = lane.draws().chance(128) ? 0 : lane.draws().between(0, 31);
      for (int pixel = 0; pixel < pixels; ++pixel) {
        lane.beat({mode, pass == 0, pass == passes - 1, align, bits}, pixel);
      }
    }
  }
}

void check_random(const char* test, Mode mode) {
  Lane lane(test);
  run_tiles(lane, mode, 400);
  CHECK_MESSAGE(lane.tally.wrong() == 0, lane.tally.first());
  CHECK(lane.tally.compared() > 10000);
}

TEST_CASE("block.psum_lane.random.add") { check_random("block.psum_lane.random.add", Mode::add); }
TEST_CASE("block.psum_lane.random.max") { check_random("block.psum_lane.random.max", Mode::max); }
TEST_CASE("block.psum_lane.random.add2") { check_random("block.psum_lane.random.add2", Mode::add2); }
TEST_CASE("block.psum_lane.back_to_back.modes") {
  Lane lane("block.psum_lane.back_to_back.modes");
  for (int i = 0; i < 200; ++i) run_tiles(lane, static_cast<Mode>(i % 3), 1);
  CHECK_MESSAGE(lane.tally.wrong() == 0, lane.tally.first());
  CHECK(lane.tally.compared() > 5000);
}

}  // namespace
}  // namespace systole::test
