// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options of `systole signoff`: the program of every day prints them, the program of the sign-off reads them.
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/table_files.h"

namespace systole::cli {

struct SheetOptions {
  std::string level = "quick", levels, folder = "signoff-report", since;
  int workers = 0;
  TableFiles files;
};

/// What the sign-off of accel and of any other design share.
void add_sheet_options(CLI::App& command, SheetOptions& options);

/// As many processes as were asked for, or as there are cores.
int workers_of(const SheetOptions& options);

struct SignoffArguments {
  SheetOptions sheet;
  std::string regressions;
  std::vector<std::string> pool;  ///< files signoff.json: no gate is run
  double at_least = 95;           ///< percent, of the pool
};

/// The command of accel with all its options, which go into `a`.
void add_signoff_options(CLI::App& program, SignoffArguments& a);

}  // namespace systole::cli
