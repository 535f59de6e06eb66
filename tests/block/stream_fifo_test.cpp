// SPDX-License-Identifier: Apache-2.0
// rtl/stream_fifo.v against std::queue: order, count, and zero while empty.
#include <Vstream_fifo.h>
#include <Vstream_fifo___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <queue>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kWidth = Vstream_fifo___024root::stream_fifo__DOT__Width;
constexpr std::size_t kEntries = 2;

void random_traffic(std::uint32_t push_of_256, std::uint32_t pop_of_256, std::uint32_t reset_of_256) {
  RtlBench<Vstream_fifo> dut;
  Draws draws("block.stream_fifo.random", push_of_256);
  std::queue<std::uint64_t> model;
  Tally tally;
  constexpr int kCycles = 20000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    // The FIFO's contract: no push while two stand in it, no pop while it is empty.
    const bool push = model.size() < kEntries && draws.chance(push_of_256);
    const bool pop = !model.empty() && draws.chance(pop_of_256);
    const std::uint64_t data = draws.bits32() & ((1U << kWidth) - 1);
    dut->push_i = push ? 1 : 0;
    dut->pop_i = pop ? 1 : 0;
    dut->data_i = static_cast<CData>(data);
    dut.tick();
    if (pop) model.pop();
    if (push) model.push(data);
    if (draws.chance(reset_of_256)) {
      dut->push_i = dut->pop_i = 0;
      dut.reset();
      model = {};
    }
    const auto where = [&] { return fmt::format("cycle {}", cycle); };
    tally.expect(dut->count_o, static_cast<std::int64_t>(model.size()), where);
    tally.expect(dut->data_o, model.empty() ? 0 : static_cast<std::int64_t>(model.front()), where);
  }
  CHECK_TALLY(tally, kCycles * 2);
}

TEST_CASE("block.stream_fifo.random.push_often") { random_traffic(230, 64, 0); }
TEST_CASE("block.stream_fifo.random.pop_often") { random_traffic(64, 230, 0); }
TEST_CASE("block.stream_fifo.random.balanced") { random_traffic(128, 128, 0); }
TEST_CASE("block.stream_fifo.back_to_back") { random_traffic(256, 256, 0); }
TEST_CASE("block.stream_fifo.reset_midstream") { random_traffic(128, 100, 8); }

}  // namespace
}  // namespace systole::test
