// SPDX-License-Identifier: Apache-2.0
// rtl/act_buffer.v against docs/timing.md, section 5: banks fill in turn, layer after layer, and hold what was written.
#include <Vact_buffer.h>
#include <Vact_buffer___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <optional>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vact_buffer___024root;
constexpr int kDepth = Root::act_buffer__DOT__Depth;
static_assert(kDepth == 16 && Root::act_buffer__DOT__WordWidth == 8);

struct BufferModel {
  std::array<std::array<std::optional<int>, kDepth>, 2> banks;
  std::array<bool, 2> full{};
  unsigned fill_bank = 0, rd_bank = 0;
  int fill = 0, words = 1, groups_left = 0;
  std::optional<int> word;  ///< nothing where it was never written

  [[nodiscard]] bool ready() const { return groups_left != 0 && !full[fill_bank]; }
  [[nodiscard]] bool coming(bool mid) const {
    const unsigned next = rd_bank ^ (mid ? 1U : 0U);
    return full[next] || (fill_bank == next && fill != 0);
  }

  void edge(const Vact_buffer& in) {
    const bool take = in.act_valid_i != 0 && ready();
    if (in.rd_en_i != 0) word = banks[rd_bank][in.rd_addr_i];
    if (take) banks[fill_bank][static_cast<std::size_t>(fill)] = in.act_data_i;
    if (in.release_i != 0) {
      full[rd_bank] = false;
      rd_bank ^= 1U;
    }
    if (take && ++fill == words) {
      fill = 0;
      full[fill_bank] = true;
      fill_bank ^= 1U;
      --groups_left;
    }
    if (in.open_i != 0) {
      words = in.in_h_i * in.in_w_i;
      groups_left = in.ic_tiles_i * in.oc_tiles_i;
      fill = 0;
    }
  }
};

/// A new layer opens when the one before has been filled and read to its end.
bool open_layer(RtlBench<Vact_buffer>& dut, const BufferModel& model, Draws& draws) {
  if (model.groups_left != 0 || model.full[0] || model.full[1] || !draws.chance(128)) return false;
  const int height = draws.between(1, 4);
  dut->in_h_i = static_cast<CData>(height);
  dut->in_w_i = static_cast<CData>(draws.between(1, kDepth / height));
  dut->ic_tiles_i = static_cast<SData>(draws.between(1, 3));
  dut->oc_tiles_i = static_cast<SData>(draws.between(1, 3));
  return true;
}

TEST_CASE("block.act_buffer.random") {
  RtlBench<Vact_buffer> dut;
  Draws draws("block.act_buffer.random");
  BufferModel model;
  Tally pins;
  Tally words;
  int layers = 0;
  std::uint64_t words_known = 0;
  constexpr int kCycles = 60000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const bool open = open_layer(dut, model, draws);
    layers += open ? 1 : 0;
    dut->open_i = open ? 1 : 0;
    dut->act_valid_i = draws.chance(200) ? 1 : 0;
    dut->act_data_i = static_cast<CData>(draws.bits32());
    const bool readable = model.full[model.rd_bank];
    dut->rd_en_i = readable && draws.chance(160) ? 1 : 0;
    dut->rd_addr_i = static_cast<CData>(draws.between(0, model.words - 1));
    dut->release_i = readable && draws.chance(30) ? 1 : 0;
    dut->mid_i = draws.chance(128) ? 1 : 0;
    dut.settle();
    const auto at = [&](const char* name) { return [=] { return fmt::format("cycle {} {}", cycle, name); }; };
    pins.expect(dut->act_ready_o, model.ready() ? 1 : 0, at("act_ready_o"));
    pins.expect(dut->full_o, readable ? 1 : 0, at("full_o"));
    pins.expect(dut->coming_o, model.coming(dut->mid_i != 0) ? 1 : 0, at("coming_o"));
    if (model.word) {
      ++words_known;
      words.expect(dut->word_o, *model.word, at("word_o"));
    }
    model.edge(*dut);
    dut.tick();
  }
  CHECK_TALLY(pins, kCycles * 3);
  CHECK_TALLY(words, words_known);
  CHECK(layers > 100);
  CHECK(words_known > kCycles / 2);
}

}  // namespace
}  // namespace systole::test
