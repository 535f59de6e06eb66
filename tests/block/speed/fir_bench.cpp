// SPDX-License-Identifier: Apache-2.0
// A filter under a plain coroutine: 100,000 samples, each result compared. fir_bench.v does the same in Verilog.
#include <fmt/format.h>

#include <array>

#include "Vfir.h"
#include "sim/dut/verilated_dut.h"
#include "sim/sequence/bench.h"

namespace {

constexpr int kSamples = 100000, kTaps = 8;

using systole::sequence::Bench, systole::sequence::Task;

class Model final : public systole::dut::VerilatedDut<Vfir, systole::dut::NoBinding, systole::dut::NoTrace> {
 public:
  using VerilatedDut::model;
};

Task filter(Bench& bench, Vfir& top, int& wrong) {
  std::array<std::int16_t, kTaps + 1> past{};
  std::uint32_t draw = 1;
  for (int i = 0; i < kSamples; ++i) {
    draw = draw * 1664525U + 1013904223U;
    for (int k = kTaps; k > 0; --k) past[k] = past[k - 1];
    past[0] = static_cast<std::int16_t>(draw >> 16);
    top.x_i = static_cast<SData>(past[0]);
    co_await bench.cycle();
    std::int32_t expected = 0;
    for (int k = 0; k < kTaps; ++k) expected += (k + 1) * past[k + 1];
    if (i >= kTaps && static_cast<std::int32_t>(top.y_o) != expected) ++wrong;
  }
}

}  // namespace

int main() {
  Model dut;
  Bench bench(dut, {.clock = &dut.model().clk_i});
  int wrong = 0;
  bench.run(filter(bench, dut.model(), wrong), 2 * kSamples);
  fmt::print("{} samples, {} wrong\n", kSamples, wrong);
  return wrong == 0 ? 0 : 1;
}
