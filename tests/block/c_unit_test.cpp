// SPDX-License-Identifier: Apache-2.0
// rtl/c_unit.v: the product and its clamp exhaustively, the registers around it against a step-by-step model.
#include <Vc_unit.h>
#include <Vc_unit___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "golden/fixed/saturate.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kDWidth = Vc_unit___024root::c_unit__DOT__DWidth;
constexpr int kWWidth = Vc_unit___024root::c_unit__DOT__WWidth;
constexpr int kPsumWidth = Vc_unit___024root::c_unit__DOT__PsumWidth;
static_assert(kDWidth == 3 && kWWidth == 3 && kPsumWidth == 8);

struct Cell : RtlBench<Vc_unit> {
  Cell() {
    (*this)->en_pu = 1;
    set_psum_bits(kPsumWidth - 1);
  }
  void set_psum_bits(int bits) { put((*this)->psum_max_i, fixed::psum_max(bits), kPsumWidth); }
  std::int64_t weight() { return sign_extend((*this)->rootp->c_unit__DOT__w_q, kWWidth); }
  std::int64_t shadow() { return sign_extend((*this)->rootp->c_unit__DOT__ws_q, kWWidth); }
  std::int64_t out_reg() { return sign_extend((*this)->rootp->c_unit__DOT__out_reg, kPsumWidth); }

  /// Through the shadow register into the active one: two steps.
  void load(std::int64_t weight) {
    put((*this)->w_in, weight, kWWidth);
    (*this)->w_en = 1;
    tick();
    (*this)->w_en = 0;
    (*this)->swap_in = 1;
    tick();
    (*this)->swap_in = 0;
  }
};

TEST_CASE("block.c_unit.exhaustive.width_3x3") {
  Cell cell;
  cell->en_in = 1;
  Tally tally;
  for (int w = -4; w <= 3; ++w) {
    cell.load(w);
    for (int bits = 0; bits < kPsumWidth; ++bits) {
      cell.set_psum_bits(bits);
      for (int d = -4; d <= 3; ++d) {
        for (int l = -128; l <= 127; ++l) {
          put(cell->d_in, d, kDWidth);
          put(cell->l_in, l, kPsumWidth);
          cell.tick();
          const fixed::ClampedPsum golden = fixed::clamp_psum(l + w * d, bits);
          const auto where = [&] { return fmt::format("{} * {} + {} at {} bits", w, d, l, bits); };
          tally.expect(cell.out_reg(), golden.value, where);
          tally.expect(cell->overflow_out, golden.overflow ? 1 : 0, where);
        }
      }
    }
  }
  CHECK_TALLY(tally, 8 * 8 * 8 * 256 * 2);
}

TEST_CASE("block.c_unit.swap_reads_shadow_before_write_of_same_edge") {
  Cell cell;
  cell.load(2);
  put(cell->w_in, 3, kWWidth);
  cell->w_en = 1;
  cell.tick();
  CHECK(cell.weight() == 2);  // the shadow register fills behind the weight in use
  CHECK(cell.shadow() == 3);
  put(cell->w_in, -4, kWWidth);
  cell->swap_in = 1;
  cell.tick();
  CHECK(cell.weight() == 3);
  CHECK(cell.shadow() == -4);
}

TEST_CASE("block.c_unit.product_of_swap_step_uses_old_weight") {
  Cell cell;
  cell.load(2);
  put(cell->w_in, -3, kWWidth);
  cell->w_en = 1;
  cell.tick();
  cell->w_en = 0;
  cell->swap_in = 1;
  put(cell->d_in, 3, kDWidth);
  cell.tick();
  CHECK(cell.out_reg() == 6);
  cell->swap_in = 0;
  cell.tick();
  CHECK(cell.out_reg() == -9);
}

TEST_CASE("block.c_unit.d_out_is_zero_where_en_is_zero") {
  Cell cell;
  cell.load(3);
  put(cell->d_in, 2, kDWidth);
  cell->en_in = 1;
  cell.tick();
  CHECK(cell->d_out == 6);
  cell->en_in = 0;
  cell.tick();
  CHECK(cell.out_reg() == 6);
  CHECK(cell->en == 0);
  CHECK(cell->d_out == 0);
}

TEST_CASE("block.c_unit.zero_en_clears_en") {
  Cell cell;
  cell->en_in = 1;
  cell.tick();
  CHECK(cell->en == 1);
  cell->zero_en = 1;
  cell.tick();
  CHECK(cell->en == 0);
  cell->zero_en = 0;
  cell.tick();
  CHECK(cell->en == 1);
}

TEST_CASE("block.c_unit.overflow_chain") {
  Cell cell;
  cell->overflow_in = 1;  // from the cell above, without a beat: not counted
  cell.tick();
  CHECK(cell->overflow_out == 0);
  cell->en_in = 1;
  cell.tick();
  CHECK(cell->overflow_out == 1);
  cell->overflow_in = 0;
  cell.tick();
  CHECK(cell->overflow_out == 0);
}

/// The cell's registers as the header of rtl/c_unit.v describes them.
struct CellModel {
  std::int64_t w = 0, ws = 0, w_in = 0, d = 0, out = 0;
  int w_en = 0, swap = 0, overflow = 0, en = 0;

  void step(Vc_unit& ports, int bits) {
    const std::int64_t d_in = sign_extend(ports.d_in, kDWidth);
    const fixed::ClampedPsum sum = fixed::clamp_psum(sign_extend(ports.l_in, kPsumWidth) + w * d_in, bits);
    if (ports.swap_in != 0) w = ws;
    w_in = sign_extend(ports.w_in, kWWidth);
    if (ports.w_en != 0) ws = w_in;
    d = d_in;
    out = sum.value;
    w_en = ports.w_en;
    swap = ports.swap_in;
    overflow = ports.en_in & (ports.overflow_in | (sum.overflow ? 1 : 0));
    en = ports.en_in & (ports.zero_en ^ 1);
  }
};

void randomize(Cell& cell, Draws& draws) {
  put(cell->d_in, draws.value(kDWidth), kDWidth);
  put(cell->w_in, draws.value(kWWidth), kWWidth);
  put(cell->l_in, draws.value(kPsumWidth), kPsumWidth);
  cell->w_en = draws.chance(96) ? 1 : 0;
  cell->swap_in = draws.chance(64) ? 1 : 0;
  cell->en_in = draws.chance(192) ? 1 : 0;
  cell->overflow_in = draws.chance(64) ? 1 : 0;
  cell->zero_en = draws.chance(32) ? 1 : 0;
  cell->en_pu = draws.chance(160) ? 1 : 0;
}

TEST_CASE("block.c_unit.random.en_pu_0_holds_everything") {
  Cell cell;
  CellModel model;
  Draws draws("block.c_unit.random");
  Tally tally;
  constexpr int kCycles = 100000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const int bits = draws.between(0, kPsumWidth - 1);
    cell.set_psum_bits(bits);
    randomize(cell, draws);
    if (cell->en_pu != 0) model.step(*cell, bits);
    if (draws.chance(1)) {
      cell.reset();
      model = {};
      cell->en_pu = 0;
    }
    cell.tick();
    const auto at = [&](const char* name) { return [=] { return fmt::format("cycle {} {}", cycle, name); }; };
    tally.expect(cell.weight(), model.w, at("w_q"));
    tally.expect(cell.shadow(), model.ws, at("ws_q"));
    tally.expect(cell.out_reg(), model.out, at("out_reg"));
    tally.expect(sign_extend(cell->a_out, kDWidth), model.d, at("a_out"));
    tally.expect(sign_extend(cell->w_out, kWWidth), model.w_in, at("w_out"));
    tally.expect(sign_extend(cell->d_out, kPsumWidth), model.en != 0 ? model.out : 0, at("d_out"));
    tally.expect(cell->w_en_out, model.w_en, at("w_en_out"));
    tally.expect(cell->swap_out, model.swap, at("swap_out"));
    tally.expect(cell->overflow_out, model.overflow, at("overflow_out"));
    tally.expect(cell->en, model.en, at("en"));
  }
  CHECK_TALLY(tally, kCycles * 10);
}

}  // namespace
}  // namespace systole::test
