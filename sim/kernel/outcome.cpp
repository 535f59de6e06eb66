// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/outcome.h"

#include "base/interrupt.h"

namespace systole::kernel {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::mismatch:
      return "mismatch";
    case Outcome::timeout:
      return "timeout";
    case Outcome::unfinished:
      return "unfinished";
    case Outcome::input_left:
      return "input_left";
    case Outcome::early_last:
      return "early_last";
    case Outcome::unexpected_output:
      return "unexpected_output";
    case Outcome::nothing_compared:
      return "nothing_compared";
    case Outcome::not_checked:
      return "not_checked";
    case Outcome::unproven:
      return "unproven";
    case Outcome::slower:
      return "slower";
    case Outcome::differs:
      return "differs";
    case Outcome::lost:
      return "lost";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::bad_input:
      return "bad_input";
  }
  return "?";
}

int exit_code(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return 0;
    case Outcome::mismatch:
    case Outcome::input_left:
    case Outcome::early_last:
    case Outcome::unexpected_output:
    case Outcome::unproven:
    case Outcome::slower:
      return 1;
    case Outcome::bad_input:
      return 2;
    case Outcome::timeout:
    case Outcome::unfinished:
      return 3;
    case Outcome::nothing_compared:
    case Outcome::not_checked:
      return 4;
    case Outcome::lost:
      return 5;
    case Outcome::differs:
      return 6;
    case Outcome::interrupted:
      return base::interrupt_exit_code();
  }
  return 1;
}

}  // namespace systole::kernel
