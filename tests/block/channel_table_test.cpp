// SPDX-License-Identifier: Apache-2.0
// rtl/channel_table.v: three read ports, each with its own slot, over one write port.
#include <Vchannel_table.h>
#include <Vchannel_table___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kTiles = Vchannel_table___024root::channel_table__DOT__Tiles;

struct Entry {
  std::uint32_t bias = 0, m0 = 0, lshift = 0, n = 0;
};

Entry random_entry(Draws& draws) {
  return {draws.bits32(), draws.bits32(), draws.bits32() & 31U, draws.bits32() & 31U};
}

void write(RtlBench<Vchannel_table>& dut, int slot, const Entry& entry, bool enable) {
  dut->we_i = enable ? 1 : 0;
  dut->slot_i = static_cast<CData>(slot);
  dut->bias_i = entry.bias;
  dut->m0_i = entry.m0;
  dut->lshift_i = static_cast<CData>(entry.lshift);
  dut->n_i = static_cast<CData>(entry.n);
  dut.tick();
}

TEST_CASE("block.channel_table.random") {
  RtlBench<Vchannel_table> dut;
  Draws draws("block.channel_table.random");
  std::array<Entry, kTiles> model{};
  for (int slot = 0; slot < kTiles; ++slot) {
    model[static_cast<std::size_t>(slot)] = random_entry(draws);
    write(dut, slot, model[static_cast<std::size_t>(slot)], true);
  }
  Tally tally;
  constexpr int kCycles = 20000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const int slot = draws.between(0, kTiles - 1);
    const Entry entry = random_entry(draws);
    const bool enable = draws.chance(128);
    const auto bias_slot = static_cast<std::size_t>(draws.between(0, kTiles - 1));
    const auto mul_slot = static_cast<std::size_t>(draws.between(0, kTiles - 1));
    const auto round_slot = static_cast<std::size_t>(draws.between(0, kTiles - 1));
    dut->bias_slot_i = static_cast<CData>(bias_slot);
    dut->mul_slot_i = static_cast<CData>(mul_slot);
    dut->round_slot_i = static_cast<CData>(round_slot);
    write(dut, slot, entry, enable);
    if (enable) model[static_cast<std::size_t>(slot)] = entry;
    const auto where = [&] { return fmt::format("cycle {} slots {} {} {}", cycle, bias_slot, mul_slot, round_slot); };
    tally.expect(dut->bias_o, model[bias_slot].bias, where);
    tally.expect(dut->m0_o, model[mul_slot].m0, where);
    tally.expect(dut->lshift_o, model[mul_slot].lshift, where);
    tally.expect(dut->n_o, model[round_slot].n, where);
  }
  CHECK_TALLY(tally, kCycles * 4);
}

}  // namespace
}  // namespace systole::test
