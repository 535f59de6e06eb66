// SPDX-License-Identifier: Apache-2.0
#pragma once
// Yosys as the mutants need it.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "signoff/mutants/mutant.h"

namespace systole::signoff {

/// Lines of a script that reads the design's sources and gives its top the parameters.
[[nodiscard]] std::string read_sources(const MutatedDesign& design);
/// The line that gives them; nothing where there are none.
[[nodiscard]] std::string chparam(const std::vector<std::string>& parameters, const std::string& top);

/// Lines of a script that reads the design and makes cells of its statements. The hierarchy stays.
[[nodiscard]] std::string elaborate(const MutatedDesign& design);

/// The command, stopped when it has taken so much processor time: how far it comes does not depend on what else the
/// machine does.
[[nodiscard]] std::vector<std::string> limited(std::vector<std::string> command, std::chrono::seconds limit);

/// Runs a script in that folder: Yosys' line of error, or nothing. With a limit of processor time it is stopped there,
/// as an error.
[[nodiscard]] std::optional<std::string> yosys_error(const std::filesystem::path& folder, const std::string& script,
                                                     std::chrono::seconds limit = {});

/// The same. Throws base::InputError with Yosys' first line of error.
void run_yosys(const std::filesystem::path& folder, const std::string& script);

}  // namespace systole::signoff
