// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace systole::report {

/// An HTML page of a report of `systole run` (docs/report.md): verdict, failures, layers and where their cycles go,
/// cells of the array with wrong values, checkers, what was not exercised, environment. Throws base::InputError where
/// the file is no such report.
[[nodiscard]] std::string run_page(const std::filesystem::path& file);

}  // namespace systole::report
