// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sources of a model that were kept with its program, so that an edit meanwhile changes nothing (regress/freeze.h).
#include <filesystem>

namespace systole::dut {

/// Beside a frozen program, or one folder above: its sources, by their absolute paths.
inline constexpr const char* kFrozenSources = "frozen-sources";

/// Whether this program is a frozen one.
[[nodiscard]] bool is_frozen();

/// Where to read a source, whose path is as the build had it: there, or where this program is frozen with it, its copy.
[[nodiscard]] std::filesystem::path source_file(const std::filesystem::path& source);

/// The path as the build had it of what source_file() gave; any other path is left as it is.
[[nodiscard]] std::filesystem::path original_source(const std::filesystem::path& file);

}  // namespace systole::dut
