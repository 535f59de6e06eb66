// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/outcome.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using systole::kernel::Outcome;

TEST_CASE("kernel.outcome.only_passed_exits_0") {
  constexpr Outcome kAll[] = {
      Outcome::passed,      Outcome::mismatch,   Outcome::timeout,           Outcome::unfinished,
      Outcome::input_left,  Outcome::early_last, Outcome::unexpected_output, Outcome::nothing_compared,
      Outcome::not_checked, Outcome::unproven,   Outcome::interrupted,       Outcome::bad_input,
      Outcome::differs,     Outcome::slower, Outcome::lost};
  constexpr int kCodes[] = {0, 1, 3, 3, 1, 1, 1, 4, 4, 1, 130, 2, 6, 1, 5};
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < std::size(kAll); ++i) {
    CHECK(exit_code(kAll[i]) == kCodes[i]);
    names.insert(to_string(kAll[i]));
  }
  CHECK(names.size() == std::size(kAll));
  CHECK(names.count("?") == 0);
}

TEST_CASE("kernel.outcome.first_failure_wins") {
  CHECK(first_failure(Outcome::passed, Outcome::timeout) == Outcome::timeout);
  CHECK(first_failure(Outcome::mismatch, Outcome::passed) == Outcome::mismatch);
  CHECK(first_failure(Outcome::mismatch, Outcome::timeout) == Outcome::mismatch);
  CHECK(first_failure(Outcome::passed, Outcome::passed) == Outcome::passed);
}
