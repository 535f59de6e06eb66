// SPDX-License-Identifier: Apache-2.0
// systole_word_shell_text FILE: writes the Verilog whose registers show what the golden expects in the dumps of any
// design with an adapter (sim/trace/shell_text.h). Exit 2 with one line where it cannot.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/output_file.h"
#include "sim/trace/shell_text.h"
#include "sim/trace/word_scope.h"

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("expected FILE");
    systole::base::write_file_at_once(argv[1], systole::trace::shell_text(systole::trace::word_signals()));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "systole_word_shell_text: {}\n", error.what());
    return 2;
  }
}
