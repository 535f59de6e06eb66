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
    (*this)->step_i = 1;
    set_psum_bits(kPsumWidth - 1);
  }
  void set_psum_bits(int bits) { put((*this)->psum_max_i, fixed::psum_max(bits), kPsumWidth); }
  std::int64_t weight() { return sign_extend((*this)->rootp->c_unit__DOT__weight_q, kWWidth); }
  std::int64_t shadow() { return sign_extend((*this)->rootp->c_unit__DOT__shadow_q, kWWidth); }
  std::int64_t psum() { return sign_extend((*this)->rootp->c_unit__DOT__psum_q, kPsumWidth); }

  /// Through the shadow register into the active one: two steps.
  void load(std::int64_t weight) {
    put((*this)->weight_i, weight, kWWidth);
    (*this)->row_en_i = 1;
    tick();
    (*this)->row_en_i = 0;
    (*this)->swap_i = 1;
    tick();
    (*this)->swap_i = 0;
  }
};

TEST_CASE("block.c_unit.exhaustive.width_3x3") {
  Cell cell;
  cell->en_i = 1;
  Tally tally;
  for (int w = -4; w <= 3; ++w) {
    cell.load(w);
    for (int bits = 0; bits < kPsumWidth; ++bits) {
      cell.set_psum_bits(bits);
      for (int d = -4; d <= 3; ++d) {
        for (int l = -128; l <= 127; ++l) {
          put(cell->act_i, d, kDWidth);
          put(cell->psum_i, l, kPsumWidth);
          cell.tick();
          const fixed::ClampedPsum golden = fixed::clamp_psum(l + w * d, bits);
          const auto where = [&] { return fmt::format("{} * {} + {} at {} bits", w, d, l, bits); };
          tally.expect(cell.psum(), golden.value, where);
          tally.expect(cell->overflow_o, golden.overflow ? 1 : 0, where);
        }
      }
    }
  }
  CHECK_TALLY(tally, 8 * 8 * 8 * 256 * 2);
}

TEST_CASE("block.c_unit.swap_reads_shadow_before_write_of_same_edge") {
  Cell cell;
  cell.load(2);
  put(cell->weight_i, 3, kWWidth);
  cell->row_en_i = 1;
  cell.tick();
  CHECK(cell.weight() == 2);  // the shadow register fills behind the weight in use
  CHECK(cell.shadow() == 3);
  put(cell->weight_i, -4, kWWidth);
  cell->swap_i = 1;
  cell.tick();
  CHECK(cell.weight() == 3);
  CHECK(cell.shadow() == -4);
}

TEST_CASE("block.c_unit.product_of_swap_step_uses_old_weight") {
  Cell cell;
  cell.load(2);
  put(cell->weight_i, -3, kWWidth);
  cell->row_en_i = 1;
  cell.tick();
  cell->row_en_i = 0;
  cell->swap_i = 1;
  put(cell->act_i, 3, kDWidth);
  cell.tick();
  CHECK(cell.psum() == 6);
  cell->swap_i = 0;
  cell.tick();
  CHECK(cell.psum() == -9);
}

TEST_CASE("block.c_unit.psum_o_is_zero_where_en_is_zero") {
  Cell cell;
  cell.load(3);
  put(cell->act_i, 2, kDWidth);
  cell->en_i = 1;
  cell.tick();
  CHECK(cell->psum_o == 6);
  cell->en_i = 0;
  cell.tick();
  CHECK(cell.psum() == 6);
  CHECK(cell->en_o == 0);
  CHECK(cell->psum_o == 0);
}

TEST_CASE("block.c_unit.zero_en_clears_en") {
  Cell cell;
  cell->en_i = 1;
  cell.tick();
  CHECK(cell->en_o == 1);
  cell->zero_en_i = 1;
  cell.tick();
  CHECK(cell->en_o == 0);
  cell->zero_en_i = 0;
  cell.tick();
  CHECK(cell->en_o == 1);
}

TEST_CASE("block.c_unit.overflow_chain") {
  Cell cell;
  cell->overflow_i = 1;  // from the cell above, without a beat: not counted
  cell.tick();
  CHECK(cell->overflow_o == 0);
  cell->en_i = 1;
  cell.tick();
  CHECK(cell->overflow_o == 1);
  cell->overflow_i = 0;
  cell.tick();
  CHECK(cell->overflow_o == 0);
}

/// The cell's registers as the header of rtl/c_unit.v describes them.
struct CellModel {
  std::int64_t w = 0, ws = 0, w_in = 0, d = 0, out = 0;
  int w_en = 0, swap = 0, overflow = 0, en = 0;

  void step(Vc_unit& ports, int bits) {
    const std::int64_t act = sign_extend(ports.act_i, kDWidth);
    const fixed::ClampedPsum sum = fixed::clamp_psum(sign_extend(ports.psum_i, kPsumWidth) + w * act, bits);
    if (ports.swap_i != 0) w = ws;
    w_in = sign_extend(ports.weight_i, kWWidth);
    if (ports.row_en_i != 0) ws = w_in;
    d = act;
    out = sum.value;
    w_en = ports.row_en_i;
    swap = ports.swap_i;
    overflow = ports.en_i & (ports.overflow_i | (sum.overflow ? 1 : 0));
    en = ports.en_i & (ports.zero_en_i ^ 1);
  }
};

void randomize(Cell& cell, Draws& draws) {
  put(cell->act_i, draws.value(kDWidth), kDWidth);
  put(cell->weight_i, draws.value(kWWidth), kWWidth);
  put(cell->psum_i, draws.value(kPsumWidth), kPsumWidth);
  cell->row_en_i = draws.chance(96) ? 1 : 0;
  cell->swap_i = draws.chance(64) ? 1 : 0;
  cell->en_i = draws.chance(192) ? 1 : 0;
  cell->overflow_i = draws.chance(64) ? 1 : 0;
  cell->zero_en_i = draws.chance(32) ? 1 : 0;
  cell->step_i = draws.chance(160) ? 1 : 0;
}

TEST_CASE("block.c_unit.random.step_0_holds_everything") {
  Cell cell;
  CellModel model;
  Draws draws("block.c_unit.random");
  Tally tally;
  constexpr int kCycles = 100000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const int bits = draws.between(0, kPsumWidth - 1);
    cell.set_psum_bits(bits);
    randomize(cell, draws);
    if (cell->step_i != 0) model.step(*cell, bits);
    if (draws.chance(1)) {
      cell.reset();
      model = {};
      cell->step_i = 0;
    }
    cell.tick();
    const auto at = [&](const char* name) { return [=] { return fmt::format("cycle {} {}", cycle, name); }; };
    tally.expect(cell.weight(), model.w, at("weight_q"));
    tally.expect(cell.shadow(), model.ws, at("shadow_q"));
    tally.expect(cell.psum(), model.out, at("psum_q"));
    tally.expect(sign_extend(cell->act_o, kDWidth), model.d, at("act_o"));
    tally.expect(sign_extend(cell->weight_o, kWWidth), model.w_in, at("weight_o"));
    tally.expect(sign_extend(cell->psum_o, kPsumWidth), model.en != 0 ? model.out : 0, at("psum_o"));
    tally.expect(cell->row_en_o, model.w_en, at("row_en_o"));
    tally.expect(cell->swap_o, model.swap, at("swap_o"));
    tally.expect(cell->overflow_o, model.overflow, at("overflow_o"));
    tally.expect(cell->en_o, model.en, at("en_o"));
  }
  CHECK_TALLY(tally, kCycles * 10);
}

}  // namespace
}  // namespace systole::test
