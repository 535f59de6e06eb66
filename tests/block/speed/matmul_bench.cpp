// SPDX-License-Identifier: Apache-2.0
// Products of 4x4 matrices under a plain coroutine, each element compared. matmul_bench.v does the same in Verilog.
#include <fmt/format.h>

#include <array>

#include "Vmatmul.h"
#include "sim/dut/verilated_dut.h"
#include "sim/sequence/bench.h"

namespace {

constexpr int kProducts = 20000, kN = 4;

using systole::sequence::Bench, systole::sequence::Task;

class Model final : public systole::dut::VerilatedDut<Vmatmul, systole::dut::NoBinding, systole::dut::NoTrace> {
 public:
  using VerilatedDut::model;
};

std::int32_t byte_of(std::uint32_t word, int i) { return static_cast<std::int8_t>(word >> 8 * i); }

Task multiply(Bench& bench, Vmatmul& top, int& wrong) {
  std::uint32_t draw = 1;
  const auto next = [&] { return draw = draw * 1664525U + 1013904223U; };
  for (int i = 0; i < kProducts; ++i) {
    std::array<std::uint32_t, kN> a, b;
    top.valid_i = 1;
    for (int k = 0; k < kN; ++k) {
      top.a_i = a[k] = next();
      top.b_i = b[k] = next();
      co_await bench.cycle();
    }
    top.valid_i = 0;
    co_await bench.until([&] { return top.done_o != 0; }, "until done_o is 1");
    for (int r = 0; r < kN; ++r) {
      for (int c = 0; c < kN; ++c) {
        std::int32_t expected = 0;
        for (int k = 0; k < kN; ++k) expected += byte_of(a[k], r) * byte_of(b[k], c);
        if (static_cast<std::int32_t>(top.c_o[kN * r + c]) != expected) ++wrong;
      }
    }
    co_await bench.cycle();
  }
}

}  // namespace

int main() {
  Model dut;
  dut.model().valid_i = 0;
  Bench bench(dut, {.clock = &dut.model().clk_i, .reset = &dut.model().rst_ni});
  int wrong = 0;
  bench.run(multiply(bench, dut.model(), wrong), 20 * kProducts);
  fmt::print("{} products, {} wrong\n", kProducts, wrong);
  return wrong == 0 ? 0 : 1;
}
