// SPDX-License-Identifier: Apache-2.0
// `systole signoff --help` without the program of the sign-off, which takes minutes to build.
#include <memory>
#include <stdexcept>

#include "cli/commands.h"
#include "cli/signoff_options.h"

namespace systole::cli {

Command add_signoff_help(CLI::App& program) {
  const auto a = std::make_shared<SignoffArguments>();
  add_signoff_options(program, *a);
  return [a]() -> int { throw std::logic_error("signoff: start_program runs it in another program"); };
}

}  // namespace systole::cli
