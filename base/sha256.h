// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace systole::base {

/// SHA-256 (FIPS 180-4) of bytes, 64 lower-case hex digits.
[[nodiscard]] std::string sha256_of(std::string_view bytes);

/// The same of a file's bytes. Throws InputError where it cannot be read.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& file);

/// One SHA-256 over a line "name digest" for each file, in this order; the name without its folder.
[[nodiscard]] std::string sha256_of_files(const std::vector<std::filesystem::path>& files);

}  // namespace systole::base
