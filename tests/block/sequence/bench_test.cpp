// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <span>
#include <stdexcept>
#include <vector>

#include "base/input_error.h"
#include "tests/block/sequence/partner.h"

namespace systole::test {
namespace {

Task note_cycles(Partner& partner, std::uint64_t step, std::vector<std::uint64_t>& seen) {
  for (int i = 0; i < 3; ++i) {
    co_await partner.bench.cycles(step);
    seen.push_back(partner.bench.now());
  }
}

TEST_CASE("block.sequence.bench.counts_cycles") {
  Partner partner;
  std::vector<std::uint64_t> two, three;
  const auto body = [](Partner& p, std::vector<std::uint64_t>& a, std::vector<std::uint64_t>& b) -> Task {
    const std::size_t beside = p.bench.fork(note_cycles(p, 2, a), "beside");
    co_await note_cycles(p, 3, b);
    co_await p.bench.join(beside);
  };
  const sequence::Ended ended = partner.run(body(partner, two, three));
  CHECK(two == std::vector<std::uint64_t>{2, 4, 6});
  CHECK(three == std::vector<std::uint64_t>{3, 6, 9});
  CHECK(ended.cycles == 9);
}

/// A sequence that never comes to an edge ends too.
TEST_CASE("block.sequence.bench.refuses_to_wait_for_nothing_for_ever") {
  const auto no_cycles = [](Partner& p) -> Task {
    co_await p.bench.cycle();
    for (;;) co_await p.bench.cycles(0);
  };
  const auto no_condition = [](Partner& p) -> Task {
    for (;;) co_await p.bench.until([] { return true; });
  };
  const auto no_beats = [](Partner& p) -> Task {
    for (;;) co_await p.in.send(std::span<const CData>());
  };
  Partner partner;
  CHECK_THROWS_WITH(partner.run(no_cycles(partner)),
                    "adapter: cycle 1: a sequence waits for nothing, 10000000 times without a clock edge");
  CHECK_THROWS_AS(partner.run(no_condition(partner)), base::InputError);
  CHECK_THROWS_AS(partner.run(no_beats(partner)), base::InputError);
}

TEST_CASE("block.sequence.bench.forks_again_after_an_end") {
  Partner partner;
  std::vector<std::uint64_t> seen;
  const auto body = [](Partner& p, std::vector<std::uint64_t>& cycles) -> Task {
    for (int round = 0; round < 3; ++round) co_await p.bench.join(p.bench.fork(note_cycles(p, 1, cycles), "beside"));
  };
  partner.run(body(partner, seen));
  CHECK(seen == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
}

/// A sequence that waits for another one goes on in the cycle in which that one ends, whoever has its turn first.
TEST_CASE("block.sequence.bench.join_takes_no_cycle") {
  for (std::uint64_t shuffle = 0; shuffle < 50; ++shuffle) {
    Partner partner;
    partner.bench.shuffle(shuffle);
    std::vector<std::uint64_t> seen;
    const auto body = [](Partner& p, std::vector<std::uint64_t>& cycles) -> Task {
      co_await p.bench.join(p.bench.fork(note_cycles(p, 4, cycles), "beside"));
      cycles.push_back(p.bench.now());
    };
    partner.run(body(partner, seen));
    CHECK(seen == std::vector<std::uint64_t>{4, 8, 12, 12});
  }
}

TEST_CASE("block.sequence.bench.an_exception_reaches_the_caller") {
  Partner partner;
  const auto inner = [](Partner& p) -> Task {
    co_await p.bench.cycle();
    throw std::runtime_error("of the adapter");
  };
  const auto awaits = [&](Partner& p) -> Task { co_await inner(p); };
  const auto forks = [&](Partner& p) -> Task {
    p.bench.fork(inner(p), "beside");
    co_await p.bench.cycles(5);
  };
  CHECK_THROWS_WITH(partner.run(awaits(partner)), "of the adapter");
  CHECK_THROWS_WITH(partner.run(forks(partner)), "of the adapter");
}

/// An adapter that cannot be made.
class Unmade final : public AdapterOf<Vpartner> {
 public:
  static inline bool is_standard = false;
  explicit Unmade(Site site) : AdapterOf(site, {.clock = &site.top.clk_i}) {
    if (is_standard) throw std::runtime_error("no table");
    throw 42;
  }
  [[nodiscard]] std::string cannot_run(const Layer& /*layer*/) const override { return {}; }
  Task run(LayerRun& /*run*/) override { co_await bench.cycle(); }
};

TEST_CASE("block.sequence.bench.an_exception_of_a_constructor_is_the_adapters") {
  using Dut = dut::AdapterDut<Unmade, dut::NoTrace>;
  CHECK_THROWS_WITH_AS(Dut(), "adapter: constructor: it throws what is no std::exception", base::InputError);
  Unmade::is_standard = true;
  CHECK_THROWS_WITH_AS(Dut(), "adapter: constructor: it throws: no table", base::InputError);
}

}  // namespace
}  // namespace systole::test
