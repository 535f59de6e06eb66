// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every run says of itself, whichever way its design is driven.
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/session/session.h"

namespace systole::session {

/// First words of a failure line: "run.lenet.conv1.stall_none".
std::string failing_test(const RunOptions& options, std::string_view network, std::string_view layer);

/// "1 value differs", "3 values differ".
std::string differing(std::uint64_t values);

/// The lines of a failure that no coordinate names.
std::string failure_lines(std::string_view test, kernel::Outcome outcome, std::string_view detail, std::uint64_t seed,
                          std::string_view rerun);

/// A pass is earned: of a report that has not failed, what is left of that when its counts are looked at.
/// `canary_missing`: why a checker was not shown a fault, or empty.
void judge_counts(RunReport& report, check::CheckLevel level, const std::string& canary_missing);

}  // namespace systole::session
