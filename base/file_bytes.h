// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <vector>

namespace systole::base {

/// A whole file. Throws InputError where it cannot be read, is empty or exceeds 1 GiB.
std::vector<std::byte> read_bytes(const std::filesystem::path& file);

}  // namespace systole::base
