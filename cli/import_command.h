// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/commands.h"

namespace systole::cli {

/// `systole import MODEL -o FOLDER`: a network of another tool into Systole's format (docs/import.md).
Command add_import_command(CLI::App& program);

}  // namespace systole::cli
