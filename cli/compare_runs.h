// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "cli/table_files.h"

namespace systole::cli {

/// `systole compare` of two runs (report/comparison.h). Returns the exit code.
int compare_two_runs(const std::string& a, const std::string& b, const TableFiles& files, bool quiet);

}  // namespace systole::cli
