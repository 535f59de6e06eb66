// SPDX-License-Identifier: Apache-2.0
// rtl/cfg_loader.v against docs/timing.md, sections 2, 4 and 5: header beats, then channel beats as the table has room.
#include <Vcfg_loader.h>
#include <Vcfg_loader___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vcfg_loader___024root;
constexpr int kCols = Root::cfg_loader__DOT__Cols;
constexpr int kTiles = 1 << Root::cfg_loader__DOT__SlotWidth;
constexpr std::size_t kBeatWords = 4, kHeaderBeats = 3;
constexpr int kOcTilesWord = 2, kOcTilesShift = 16;  ///< bits [95:80] of beat 0

struct LoaderModel {
  std::array<std::uint32_t, kBeatWords * kHeaderBeats> header{};
  std::size_t beats = 0;
  int left = 0, used = 0, available = 0, col = 0, slot = 0;

  [[nodiscard]] bool ready(bool read_param) const { return read_param || (left != 0 && used < kTiles); }

  void take_header(const Vcfg_loader& in) {
    for (std::size_t word = 0; word < kBeatWords; ++word) header[beats * kBeatWords + word] = in.cfg_data_i[word];
    if (++beats < kHeaderBeats) return;
    beats = 0;
    left = static_cast<int>(header[kOcTilesWord] >> kOcTilesShift);
  }

  void edge(const Vcfg_loader& in) {
    const bool take = in.cfg_valid_i != 0 && ready(in.read_param_i != 0);
    available -= in.claim_i;
    used -= in.release_i;
    if (take && in.read_param_i != 0) {
      take_header(in);
    } else if (take && ++col == kCols) {
      col = 0;
      slot = (slot + 1) % kTiles;
      --left;
      ++used;
      ++available;
    }
  }
};

/// A layer's header is read only after all its predecessor's tiles were released, as in the accelerator.
void drive(RtlBench<Vcfg_loader>& dut, const LoaderModel& model, Draws& draws, int& claimed) {
  dut->cfg_valid_i = draws.chance(190) ? 1 : 0;
  for (std::size_t word = 0; word < kBeatWords; ++word) dut->cfg_data_i[word] = draws.bits32();
  dut->cfg_data_i[kOcTilesWord] =
      static_cast<std::uint32_t>(draws.between(1, 7)) << kOcTilesShift | (draws.bits32() & 0xffffU);
  dut->read_param_i = model.beats != 0 || (model.left == 0 && model.used == 0 && draws.chance(128)) ? 1 : 0;
  dut->claim_i = model.available != 0 && draws.chance(40) ? 1 : 0;
  dut->release_i = claimed != 0 && draws.chance(40) ? 1 : 0;
  claimed += dut->claim_i - dut->release_i;
}

TEST_CASE("block.cfg_loader.random") {
  RtlBench<Vcfg_loader> dut;
  Draws draws("block.cfg_loader.random");
  LoaderModel model;
  Tally tally;
  int claimed = 0;
  int layers = 0;
  constexpr int kCycles = 50000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    drive(dut, model, draws, claimed);
    dut.settle();
    const auto at = [&](const char* name) { return [=] { return fmt::format("cycle {} {}", cycle, name); }; };
    const bool take = dut->cfg_valid_i != 0 && model.ready(dut->read_param_i != 0);
    const bool last = take && dut->read_param_i != 0 && model.beats == kHeaderBeats - 1;
    tally.expect(dut->cfg_ready_o, model.ready(dut->read_param_i != 0) ? 1 : 0, at("cfg_ready_o"));
    tally.expect(dut->s1_fin_o, last ? 1 : 0, at("s1_fin_o"));
    tally.expect(dut->par_ready_o, model.available != 0 ? 1 : 0, at("par_ready_o"));
    tally.expect(dut->par_we_o, take && dut->read_param_i == 0 ? 1 << model.col : 0, at("par_we_o"));
    tally.expect(dut->par_slot_o, model.slot, at("par_slot_o"));
    layers += last ? 1 : 0;
    model.edge(*dut);
    dut.tick();
    for (std::size_t word = 0; last && word < model.header.size(); ++word) {
      tally.expect(dut->header_o[word], model.header[word], at("header_o"));
    }
  }
  CHECK_TALLY(tally, kCycles * 5 + layers * static_cast<int>(kBeatWords * kHeaderBeats));
  CHECK(layers > 100);
}

}  // namespace
}  // namespace systole::test
