// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace systole::base {

/// A whole file. Throws InputError where it cannot be read, exceeds 1 GiB or is a Git LFS pointer, and where it is
/// empty unless `may_be_empty`.
std::vector<std::byte> read_bytes(const std::filesystem::path& file, bool may_be_empty = false);

/// ", found a zip archive" for the first bytes of a file that often lies where another kind of file was meant, empty
/// for any other: the end of a message.
std::string found_kind(std::string_view start);

/// Throws InputError where these are the first bytes of a Git LFS pointer: the file itself was never fetched.
void refuse_pointer(const std::filesystem::path& file, std::string_view start);

}  // namespace systole::base
