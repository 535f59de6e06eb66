// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "Vdma.h"
#include "systole/adapter.h"

namespace systole::test {
namespace {

using kernel::Outcome;
using kernel::Stall;

class DmaModel final : public dut::VerilatedDut<Vdma, dut::NoBinding, dut::NoTrace> {
 public:
  using VerilatedDut::model;
};

/// The copier and its memory: words 0 .. 63 are copied to 256 .. 319, 320 .. 511 are never written.
struct Dma {
  static constexpr std::size_t kCount = 64, kTarget = 256, kDepth = 0x800 / 4 + 16;

  DmaModel dut;
  Vdma& top = dut.model();
  Bench bench{dut, {.clock = &top.clk_i, .reset = &top.rst_ni}};
  Words<IData> words{kDepth};
  AxiMemory<IData, IData, CData> memory;
  Source<CData> start{bench, "start", top.start_i, {.beat = 0}};
  Sink<CData> done{bench, "done", top.done_o, top.done_o};  // a pulse: valid and data at once

  explicit Dma(int bug = 0, sequence::AxiTiming timing = {})
      : memory(bench, "memory", words,
               {top.arvalid_o, top.arready_i, top.araddr_o, top.arlen_o, top.arsize_o, top.arburst_o, &top.arid_o},
               {top.rvalid_i, top.rready_o, top.rdata_i, top.rresp_i, top.rlast_i, &top.rid_i},
               {top.awvalid_o, top.awready_i, top.awaddr_o, top.awlen_o, top.awsize_o, top.awburst_o, &top.awid_o},
               {top.wvalid_o, top.wready_i, top.wdata_o, top.wstrb_o, top.wlast_o},
               {top.bvalid_i, top.bready_o, top.bresp_i, &top.bid_i}, timing) {
    top.bug_i = static_cast<CData>(bug);
    for (std::size_t i = 0; i < kCount; ++i) words.set(i, static_cast<IData>(0x01010101 * i + 7));
  }

  Task copy() {
    memory.serve();
    co_await start.send(1);
    (void)co_await done.receive();
  }
  sequence::Ended run(Stall stall = Stall::none, std::uint64_t seed = 1) {
    bench.choose(stall, seed, "axi_memory_test");
    bench.shuffle(seed);
    return bench.run(copy(), 5000);
  }
  [[nodiscard]] bool copied() {
    bool same = true;
    for (std::size_t i = 0; i < kCount; ++i) same = same && words.at(kTarget + i) == words.at(i);
    return same;
  }
};

TEST_CASE("block.sequence.axi_memory.copies_whatever_stalls") {
  for (const Stall stall : {Stall::none, Stall::in, Stall::out, Stall::both, Stall::bursts}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      Dma dma;
      const sequence::Ended ended = dma.run(stall, seed);
      CHECK(ended.outcome == Outcome::passed);
      CHECK(ended.detail.empty());
      CHECK(dma.copied());
      CHECK(dma.top.wrong_o == 0);
    }
  }
}

TEST_CASE("block.sequence.axi_memory.runs_again_on_the_same_model") {
  Dma dma;
  const sequence::Ended first = dma.run(Stall::both, 5);
  dma.words.clear(Dma::kDepth);
  for (std::size_t i = 0; i < Dma::kCount; ++i) dma.words.set(i, static_cast<IData>(i));
  const sequence::Ended second = dma.run(Stall::both, 5);
  CHECK(second.outcome == Outcome::passed);
  CHECK(second.cycles == first.cycles);
  CHECK(dma.copied());
}

TEST_CASE("block.sequence.axi_memory.latency_and_bursts_ahead") {
  const auto cycles = [](sequence::AxiTiming timing) {
    Dma dma(0, timing);
    const sequence::Ended ended = dma.run();
    CHECK(ended.outcome == Outcome::passed);
    CHECK(dma.copied());
    return ended.cycles;
  };
  const std::uint64_t quick = cycles({.read_latency = 1, .write_latency = 0, .ahead = 4});
  // The four reads are asked for one after the other: their latencies overlap.
  CHECK(cycles({.read_latency = 31, .write_latency = 0, .ahead = 4}) == quick + 30);
  CHECK(cycles({.read_latency = 1, .write_latency = 25, .ahead = 4}) > quick + 25);
  CHECK(cycles({.read_latency = 31, .write_latency = 0, .ahead = 1}) >= quick + 120);
}

std::string dma_rule_broken(int bug, Stall stall = Stall::none) {
  Dma dma(bug, {.ahead = 1});  // so that addresses wait
  const sequence::Ended ended = dma.run(stall, 2);
  CHECK(ended.outcome == Outcome::mismatch);
  return ended.detail.substr(ended.detail.find(": ") + 2);
}

TEST_CASE("block.sequence.axi_memory.refuses_by_name_what_it_does_not_do") {
  CHECK(dma_rule_broken(1) == "memory.ar: a WRAP burst, this memory does INCR, address 0x40");
  CHECK(dma_rule_broken(2) == "memory.ar: beats of 2 bytes, this memory does 4, address 0x40");
  CHECK(dma_rule_broken(3) == "memory.ar: an unaligned burst, this memory does whole words, address 0x43");
  CHECK(dma_rule_broken(4) == "memory.ar: ID 6 beside 5, this memory does one, address 0x40");
}

TEST_CASE("block.sequence.axi_memory.sees_each_broken_rule") {
  CHECK(dma_rule_broken(5) == "memory.ar: a burst across 4 KiB, address 0xff0");
  CHECK(dma_rule_broken(6) == "memory.aw: a burst beyond its 528 words, address 0x8000");
  CHECK(dma_rule_broken(7) == "memory.w: last is 1 with beat 15 of 16");
  CHECK(dma_rule_broken(8) == "memory.ar: data changed before the beat had moved");
  CHECK(dma_rule_broken(9, Stall::both) == "memory.w: data changed before the beat had moved");
  CHECK(dma_rule_broken(12) == "memory.ar: reads 0x800, a word that nobody has written");
}

TEST_CASE("block.sequence.axi_memory.bytes_that_are_not_strobed_stay") {
  Dma dma(11);
  CHECK(dma.run().outcome == Outcome::passed);
  for (std::size_t i = 0; i < Dma::kCount; ++i) CHECK_FALSE(dma.words.at(Dma::kTarget + i).has_value());
  Dma over(11);
  for (std::size_t i = 0; i < Dma::kCount; ++i) over.words.set(Dma::kTarget + i, 0xaa000000);
  CHECK(over.run().outcome == Outcome::passed);
  for (std::size_t i = 0; i < Dma::kCount; ++i) {
    CHECK(over.words.at(Dma::kTarget + i) == (0xaa000000 | (0x00ffffff & static_cast<IData>(0x01010101 * i + 7))));
  }
}

/// What the design has asked for and not taken when the sequence ends is not the sequence's.
TEST_CASE("block.sequence.axi_memory.answers_may_be_left") {
  for (std::uint64_t cycles = 1; cycles < 120; ++cycles) {
    CAPTURE(cycles);
    Dma dma;
    const auto body = [&]() -> Task {
      dma.memory.serve();
      co_await dma.start.send(1);
      co_await dma.bench.cycles(cycles);
    };
    dma.bench.choose(Stall::both, 1, "axi_memory_test");
    CHECK(dma.bench.run(body(), 5000).outcome != Outcome::input_left);
  }
}

TEST_CASE("block.sequence.pulse.lasts_one_cycle") {
  CHECK(dma_rule_broken(10) == "done: a beat that nobody asked for, and it cannot wait");
}

}  // namespace
}  // namespace systole::test
