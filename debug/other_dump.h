// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace systole::debug {

/// Writes a dump in the other format beside it, .vcd for .fst and the reverse, by GTKWave's own converters. Returns the
/// reason where that did not work, or an empty text; a part is not left.
std::string write_other_dump(const std::filesystem::path& dump);

}  // namespace systole::debug
