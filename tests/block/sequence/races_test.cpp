// SPDX-License-Identifier: Apache-2.0
// Every style of handshake, with a reset in the middle of a transfer, in 1,000 orders of the turns: the pins of every
// cycle and the verdicts are the same.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "tests/block/sequence/partner.h"

namespace systole::test {
namespace {

using kernel::Outcome;

constexpr int kOrders = 1000;
constexpr std::uint64_t kFirstCut = 3, kCuts = 25;  ///< cycles after which the first run is given up

struct Style {
  const char* name;
  int kind;  ///< of partner.v
};
constexpr int kAlone = 3;
constexpr Style kStyles[]{{"wires", 0},           {"ready on valid", 1}, {"skid buffer", 2}, {"valid alone", kAlone},
                          {"both registered", 4}, {"valid on ready", 5}};

/// The relay's pins as each edge sees them, eight bits of data and three of handshake a side.
class Recorder final : public sequence::Part {
 public:
  Recorder(Bench& bench, const Vpartner& top) : Part(bench, "recorder"), top_(top) {}
  void reset() override {}
  void drive() override {}
  void sample() override {
    const int handshakes = top_.in_valid_i | top_.in_ready_o << 1 | top_.in_last_i << 2 | top_.out_valid_o << 3 |
                           top_.out_ready_i << 4 | top_.out_last_o << 5;
    pins.push_back(static_cast<std::uint32_t>(handshakes << 16 | top_.in_data_i << 8 | top_.out_data_o));
  }
  std::vector<std::uint32_t> pins;

 private:
  const Vpartner& top_;
};

/// What a run that is given up and a whole one after it have shown.
struct Shown {
  std::vector<std::uint32_t> pins;
  std::vector<CData> beats;
  std::string verdicts;
  bool operator==(const Shown&) const = default;
};

class Race {
 public:
  explicit Race(int kind, std::uint64_t order) : alone_(kind == kAlone) {
    top_.kind_i = static_cast<CData>(kind);
    top_.bug_i = 0;
    top_.start_i = 0;
    bench_.choose(kernel::Stall::both, 3, "races_test");
    bench_.shuffle(order);
  }

  Shown run(std::uint64_t cut) {
    for (const std::uint64_t most : {cut, std::uint64_t{1000}}) {
      shown_.beats.clear();
      const sequence::Ended ended = bench_.run(relay(), most);
      shown_.verdicts +=
          std::string(to_string(ended.outcome)) + " " + std::to_string(ended.cycles) + " " + ended.detail + "\n";
    }
    shown_.pins = recorder_.pins;
    return shown_;
  }

 private:
  Source<CData> source() {
    if (alone_) return {bench_, "in", top_.in_valid_i, top_.in_data_i, &top_.in_last_i};
    return {bench_, "in", top_.in_valid_i, top_.in_ready_o, top_.in_data_i, &top_.in_last_i};
  }
  Sink<CData> sink() {
    if (alone_) return {bench_, "out", top_.out_valid_o, top_.out_data_o, &top_.out_last_o};
    return {bench_, "out", top_.out_valid_o, top_.out_ready_i, top_.out_data_o, &top_.out_last_o};
  }

  Task send() {
    co_await in_.send(std::span(sent_).first(20));
    for (std::size_t i = 20; i < sent_.size(); ++i) co_await in_.send(sent_[i]);
  }
  Task relay() {
    const std::size_t sender = bench_.fork(send(), "the sender");
    while (shown_.beats.size() < sent_.size()) shown_.beats.push_back(co_await out_.receive());
    co_await bench_.join(sender);
  }

  PartnerModel dut_;
  Vpartner& top_ = dut_.model();
  Bench bench_{dut_, {.clock = &top_.clk_i, .reset = &top_.rst_ni}};
  bool alone_;
  Source<CData> in_ = source();
  Sink<CData> out_ = sink();
  Recorder recorder_{bench_, top_};
  std::vector<CData> sent_ = [] {
    std::vector<CData> beats(40);
    for (std::size_t i = 0; i < beats.size(); ++i) beats[i] = static_cast<CData>(7 * i + 3);
    return beats;
  }();
  Shown shown_;
};

TEST_CASE("block.sequence.races.order_of_turns_means_nothing") {
  for (const Style& style : kStyles) {
    CAPTURE(style.name);
    std::map<std::uint64_t, Shown> in_order;
    for (std::uint64_t cut = kFirstCut; cut < kFirstCut + kCuts; ++cut) {
      in_order[cut] = Race(style.kind, 0).run(cut);
      CHECK(in_order[cut].beats.size() == 40);
      CHECK(in_order[cut].verdicts.find("timeout " + std::to_string(cut)) == 0);
      CHECK(in_order[cut].verdicts.find("\npassed ") != std::string::npos);
    }
    for (std::uint64_t order = 1; order <= kOrders; ++order) {
      CAPTURE(order);
      const std::uint64_t cut = kFirstCut + order % kCuts;
      REQUIRE(Race(style.kind, order).run(cut) == in_order[cut]);
    }
  }
}

/// A sequence that reads what another one has just written does see the order: what the test above would find.
TEST_CASE("block.sequence.races.a_sequence_that_reads_an_input_pin_is_seen") {
  std::set<std::vector<int>> seen;
  for (std::uint64_t order = 1; order <= 20; ++order) {
    Partner partner(0);
    partner.bench.shuffle(order);
    std::vector<int> read;
    const auto write = [](Partner& p) -> Task {
      for (int i = 0; i < 10; ++i) {
        p.top.start_i = static_cast<CData>(i & 1);
        co_await p.bench.cycle();
      }
    };
    const auto body = [&write](Partner& p, std::vector<int>& values) -> Task {
      p.bench.fork(write(p), "the writer");
      for (int i = 0; i < 10; ++i) {
        co_await p.bench.cycle();
        values.push_back(p.top.start_i);
      }
    };
    partner.run(body(partner, read));
    seen.insert(read);
  }
  CHECK(seen.size() > 1);
}

}  // namespace
}  // namespace systole::test
