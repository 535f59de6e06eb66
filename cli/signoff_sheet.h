// SPDX-License-Identifier: Apache-2.0
#pragma once
// From gates to the sheet that says what they found: what the sign-off of accel and of any other design share.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "cli/table_files.h"
#include "signoff/gates/gate.h"
#include "signoff/sheet/sheet.h"

namespace systole::cli {

struct SheetOptions {
  std::string level = "quick", folder = "signoff-report", since;
  int workers = 0;
  TableFiles files;
};

void add_sheet_options(CLI::App& command, SheetOptions& options);

/// As many processes as were asked for, or as there are cores.
int workers_of(const SheetOptions& options);

/// Makes the folder; whoever has the lock writes there. Throws base::InputError.
std::unique_ptr<base::FileLock> lock_sheet(const SheetOptions& options);

/// Runs the gates of which the folder has no evidence, writes the sheet and prints it. `request` lacks the gates and
/// today; `command` is what finds the evidence again. Returns the exit code.
int sign_off(const std::vector<signoff::Gate>& gates, signoff::SheetRequest request, const SheetOptions& options,
             const std::string& command);

}  // namespace systole::cli
