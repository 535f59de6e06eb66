// SPDX-License-Identifier: Apache-2.0
#pragma once
// The build tree that this program came from: what is in it, and how something more is built there.
#include <filesystem>
#include <string>
#include <vector>

namespace systole::cli {

/// From now on this process is a program of its tree; until then it is one of its own, as a test is that calls
/// commands.
void attach_build_tree();

/// The tree's folder, or an empty path where the process is no program of it, or it or its sources are gone: installed.
std::filesystem::path build_tree();

/// Builds a target, after `reconfigure` (options of cmake, empty: none). One process does so at a time; the others
/// wait. Draws progress; the whole output is in dut/TARGET.log. Throws base::InputError with the first error and the
/// name of that file, and base::Interrupted.
void build_target(const std::string& target, const std::vector<std::string>& reconfigure = {});

}  // namespace systole::cli
