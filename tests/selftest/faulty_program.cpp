// SPDX-License-Identifier: Apache-2.0
// systole_faulty: the command line of `systole` over the copy of the RTL that carries the planted faults. The variable
// SYSTOLE_FAULT names the active one; unset or empty: none. `systole_faulty list-faults` prints the names.
#include <fmt/format.h>

#include <string_view>

#include "cli/command_line.h"
#include "tests/selftest/fault.h"

namespace {

/// One line a fault: its name, and the change or why it could not be planted.
int list_faults() {
  for (const systole::test::Fault& fault : systole::test::planted_faults()) {
    const std::string what =
        fault.problem.empty() ? fmt::format(R"(rtl/{}.v: "{}" becomes "{}")", fault.module, fault.quoted, fault.mutated)
                              : "not planted: " + fault.problem;
    fmt::print("{:<44} {}\n", fault.name, what);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace systole::cli;
  return argc == 2 && argv[1] == std::string_view("list-faults")
             ? list_faults()
             : command_line(argc, argv, program_name(), add_commands);
}
