// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run on the RTL must have come to.
#include <doctest/doctest.h>

#include <string>

#include "sim/session/session.h"

namespace systole::test {

/// Passed, with something compared, everything that was to be compared, and no mismatch.
inline void check_passed(const session::RunReport& report) {
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(report.compared == report.expected_compared);
  CHECK(report.compared > 0);
  CHECK(report.mismatches == 0);
}

}  // namespace systole::test
