// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "tests/block/sequence/partner.h"

namespace systole::test {
namespace {

using kernel::Outcome;
using kernel::Stall;

Task write_and_read(Partner& partner, int& wrong) {
  for (unsigned i = 0; i < 64; ++i) co_await partner.registers.write(static_cast<CData>(4 * i), 0x01010101U * i + 9);
  for (unsigned i = 0; i < 64; ++i) {
    const std::uint32_t value = co_await partner.registers.read(static_cast<CData>(4 * i));
    wrong += value == 0x01010101U * i + 9 ? 0 : 1;
  }
}

TEST_CASE("block.sequence.axi_lite.reads_what_it_wrote") {
  for (const Stall stall : {Stall::none, Stall::in, Stall::out, Stall::both, Stall::bursts}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Partner partner;
      partner.bench.choose(stall, seed, "axi_lite_test");
      partner.bench.shuffle(seed);
      int wrong = 0;
      CHECK(partner.run(write_and_read(partner, wrong)).outcome == Outcome::passed);
      CHECK(wrong == 0);
    }
  }
}

Task read_all(Partner& partner, std::vector<std::uint32_t>& values) {
  for (unsigned i = 0; i < 64; ++i) values.push_back(co_await partner.registers.read(static_cast<CData>(4 * i)));
}

Task write_table(Partner& partner, std::vector<std::uint32_t> words) {
  co_await partner.registers.write_words(0x20, std::move(words));
  co_await partner.registers.until(0x28, 0x300);
}

TEST_CASE("block.sequence.axi_lite.a_table_and_a_wait_for_a_word") {
  Partner partner;
  CHECK(partner.run(write_table(partner, {0x100, 0x200, 0x300})).outcome == Outcome::passed);
  const sequence::Ended waits = partner.run(write_table(partner, {0x101, 0x201, 0x301}), 2000);
  CHECK(waits.outcome == Outcome::timeout);
  CHECK(waits.detail.find("registers: a read of address 0x28") != std::string::npos);
  CHECK(waits.detail.ends_with(", until it is 0x300, last it was 0x301"));
  std::vector<std::uint32_t> values;
  CHECK(partner.run(read_all(partner, values)).outcome == Outcome::passed);
  CHECK(std::vector(values.begin() + 7, values.begin() + 12) == std::vector<std::uint32_t>{0, 0x101, 0x201, 0x301, 0});
}

TEST_CASE("block.sequence.axi_lite.addresses_are_of_words") {
  Partner partner;
  const auto write = [](Partner& p) -> Task { co_await p.registers.write(0x22, 1); };
  const auto read = [](Partner& p) -> Task { (void)co_await p.registers.read(0x21); };
  const auto until = [](Partner& p) -> Task { co_await p.registers.until(0x23, 1); };
  CHECK_THROWS_WITH(partner.run(write(partner)), "adapter: registers: address 0x22: expected a multiple of 4");
  CHECK_THROWS_WITH(partner.run(read(partner)), "adapter: registers: address 0x21: expected a multiple of 4");
  CHECK_THROWS_WITH(partner.run(until(partner)), "adapter: registers: address 0x23: expected a multiple of 4");
}

/// Words that nobody has written are 0, or random bits where the model was made so, the same for the same seed.
TEST_CASE("block.sequence.axi_lite.a_random_start_fills_what_reset_leaves") {
  const auto values = [](std::optional<std::uint64_t> seed) {
    std::optional<dut::RandomStart> random;
    if (seed) random.emplace(*seed);
    Partner partner;
    std::vector<std::uint32_t> read;
    CHECK(partner.run(read_all(partner, read)).outcome == Outcome::passed);
    return read;
  };
  CHECK(values({}) == std::vector<std::uint32_t>(64, 0));
  const std::vector<std::uint32_t> first = values(1);
  CHECK(std::ranges::count(first, 0U) < 2);
  CHECK(values(1) == first);
  CHECK(values(2) != first);
  CHECK(values({}) == std::vector<std::uint32_t>(64, 0));
}

TEST_CASE("block.sequence.axi_lite.sees_each_broken_rule") {
  const auto detail = [](int bug) {
    Partner partner(0, bug);
    partner.bench.choose(bug < 8 ? Stall::none : Stall::out, 1, "axi_lite_test");
    int wrong = 0;
    const sequence::Ended ended = partner.run(write_and_read(partner, wrong));
    CHECK(ended.outcome == Outcome::mismatch);
    return ended.detail.substr(ended.detail.find(": ") + 2);
  };
  CHECK(detail(5) == "registers.r: a beat that nobody asked for");
  CHECK(detail(8) == "registers.b: valid fell before the beat had moved");
  CHECK(detail(9) == "registers.r: data changed before the beat had moved");
  CHECK(detail(6) == "registers: answers 2 to address 0x0");
}

}  // namespace
}  // namespace systole::test
