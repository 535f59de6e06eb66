// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/session/session.h"

namespace systole::session {

/// The report as JUnit XML, for whoever shows tests: a suite of a case for each layer, and of one for the verdict,
/// which has what no layer has by itself (a canary that was not seen, a hang, a signal).
std::string run_junit(const RunReport& report, const RunOptions& options, const std::string& network);

}  // namespace systole::session
