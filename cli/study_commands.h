// SPDX-License-Identifier: Apache-2.0
#pragma once
// The studies of `systole study`: each adds its options below it and gives back what to call when it was chosen.
#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace systole::cli {

Command add_study_bfp_command(CLI::App& study);
Command add_study_bits_command(CLI::App& study);
Command add_study_headroom_command(CLI::App& study);
Command add_study_mixed_command(CLI::App& study);
Command add_study_prune_command(CLI::App& study);
Command add_study_psum_command(CLI::App& study);

/// The command `study` of a program that runs the RTL: headroom alone.
Command add_rtl_study_command(CLI::App& program);
/// The command `study` of a program that does not: all others; headroom is listed only.
Command add_study_command(CLI::App& program);

}  // namespace systole::cli
