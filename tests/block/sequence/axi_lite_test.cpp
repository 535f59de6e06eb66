// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

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

TEST_CASE("block.sequence.axi_lite.sees_each_broken_rule") {
  const auto detail = [](int bug) {
    Partner partner(0, bug);
    partner.bench.choose(bug < 8 ? Stall::none : Stall::out, 1, "axi_lite_test");
    int wrong = 0;
    const sequence::Ended ended = partner.run(write_and_read(partner, wrong));
    CHECK(ended.outcome == Outcome::mismatch);
    return ended.detail.substr(ended.detail.find(": ") + 2);
  };
  CHECK(detail(5) == "registers: answers no read");
  CHECK(detail(8) == "registers: an answer to a write did not wait");
  CHECK(detail(9) == "registers: an answer to a read did not wait");
  CHECK(detail(6) == "registers: answers 2 to address 0x0");
}

}  // namespace
}  // namespace systole::test
