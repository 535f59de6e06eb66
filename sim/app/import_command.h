#pragma once
#include "sim/app/commands.h"

namespace systole::app {

/// `systole import MODEL -o FOLDER`: a network of another tool into Systole's format (docs/import.md).
Command add_import_command(CLI::App& program);

}  // namespace systole::app
