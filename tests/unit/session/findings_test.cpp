// SPDX-License-Identifier: Apache-2.0
#include "sim/session/findings.h"

#include <doctest/doctest.h>

namespace {

using namespace systole;
using check::Checker;

check::Mismatch at(Checker checker, std::uint64_t cycle, std::size_t index, const char* coordinate = "oc 0 oh 0 ow 0") {
  return {.checker = checker,
          .signal = "s",
          .cycle = cycle,
          .index = index,
          .rtl = 0,
          .golden = 1,
          .coordinate = coordinate};
}

TEST_CASE("session.findings.nothing_found") {
  const session::Findings findings;
  CHECK_FALSE(findings.origin());
  CHECK(findings.others().empty());
  CHECK(findings.count() == 0);
}

TEST_CASE("session.findings.origin_is_upstream_and_the_rest_is_counted") {
  session::Findings findings;
  for (std::size_t pin = 0; pin < 20; ++pin) findings.add(at(Checker::pins, 7, pin));
  findings.add(at(Checker::registers, 7, 5));
  findings.add(at(Checker::registers, 7, 3));
  findings.add(at(Checker::registers, 9, 1));
  REQUIRE(findings.origin());
  CHECK(findings.origin()->checker == Checker::registers);
  CHECK(findings.origin()->index == 3);
  CHECK(findings.others() == "2 registers, 20 pins");
  CHECK(findings.count() == 23);
}

TEST_CASE("session.findings.column_without_a_channel_comes_last") {
  session::Findings findings;
  findings.add(at(Checker::pins, 7, 20, ""));
  CHECK(findings.origin()->index == 20);
  CHECK(findings.others().empty());
  findings.add(at(Checker::pins, 7, 24));
  CHECK(findings.origin()->index == 24);
  CHECK(findings.others() == "1 pin");
}

TEST_CASE("session.findings.origin_s_cycle_alone_is_first") {
  session::Findings findings;
  for (std::size_t pin = 0; pin < session::Findings::kKept; ++pin) findings.add(at(Checker::pins, 7, pin));
  findings.add(at(Checker::registers, 7, 5));
  findings.add(at(Checker::registers, 9, 1));
  const std::vector<check::Mismatch> first = findings.first();
  REQUIRE(first.size() == session::Findings::kKept);
  CHECK(first[0].checker == Checker::registers);
  CHECK(first[1].index == 0);
  CHECK(session::Findings().first().empty());
}

TEST_CASE("session.findings.detection_is_the_first_outside") {
  session::Findings findings;
  findings.add(at(Checker::registers, 7, 5));
  CHECK_FALSE(findings.detection());
  findings.add_later(at(Checker::registers, 8, 1));
  CHECK_FALSE(findings.detection());
  findings.add_later(at(Checker::tensor, 12, 2));
  findings.add_later(at(Checker::pins, 9, 3));
  REQUIRE(findings.detection());
  CHECK(findings.detection()->cycle == 9);
  CHECK(findings.count() == 1);
  CHECK(findings.origin()->cycle == 7);
}

}  // namespace
