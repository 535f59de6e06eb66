// SPDX-License-Identifier: Apache-2.0
#pragma once
// How large a netlist is.
#include <filesystem>

#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// Adds a table of the gates and registers of each module, all its parameterisations added, and a figure of all of
/// them. `statistics`: what Yosys' `stat` wrote; where nothing of it is in the file, the finding is "netlist
/// statistics".
void add_netlist_size(const std::filesystem::path& statistics, Evidence& evidence);

}  // namespace systole::signoff
