// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which lines of RTL write a signal, from the design as Verilator elaborates it.
#include <filesystem>
#include <string>
#include <vector>

namespace systole::debug {

struct RtlDesign {
  std::vector<std::filesystem::path> sources;
  std::string top;
  std::vector<std::string> parameters;  ///< "Rows=8"
};

struct RtlLine {
  std::filesystem::path file;
  int line = 0;           ///< from 1
  std::string module;     ///< as the source names it
  std::string text;       ///< the line, without blanks around it
  bool constant = false;  ///< a constant is assigned, as under reset
};

/// The lines that assign the signal at that path below the top module ("u_array.g_row[0].g_col[0].u_c.act_q",
/// "state_o"), in the module that holds it or, for what an instance drives, in that instance; those that assign a
/// constant last. Empty where there is no such signal, and where Verilator's elaborated netlist (--xml-only) cannot be
/// had.
[[nodiscard]] std::vector<RtlLine> lines_that_write(const RtlDesign& design, const std::string& path);

}  // namespace systole::debug
