// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a run ended. Closed: every run is exactly one of these, and only `passed` is a success.
#include <string_view>

namespace systole::kernel {

enum class Outcome {
  passed,
  mismatch,           ///< a value differs from the golden
  timeout,            ///< the design made no progress within the bound of docs/timing.md, section 9
  unfinished,         ///< the cycles that the run was given were used up
  input_left,         ///< all outputs came, but the design left input, or did not come to rest
  early_last,         ///< the flag of a command's last output came with an output before it
  unexpected_output,  ///< an output beat more than the layer has
  nothing_compared,   ///< fewer values compared than the run must compare, zero included
  not_checked,        ///< the check level asks for no comparison
  unproven,           ///< nothing differed, but a canary was not seen red
  slower,             ///< right, in more cycles than were recorded
  differs,            ///< beyond its tolerance from the framework that a network came from
  lost,               ///< a process of the run ended without a result
  interrupted,        ///< SIGINT, SIGTERM or SIGHUP
  bad_input
};

std::string_view to_string(Outcome outcome);

/// Exit code of the command line: 0 passed, 1 failed check, 2 bad input, 3 timeout or unfinished, 4 nothing of a file
/// was compared or not checked, 5 lost, 6 differs from the framework, 128 + the signal's number where one interrupted the run.
int exit_code(Outcome outcome);

/// Of two parts of a run, in their order: the first that is not `passed`, since what follows it says little.
constexpr Outcome first_failure(Outcome a, Outcome b) { return a == Outcome::passed ? b : a; }

}  // namespace systole::kernel
