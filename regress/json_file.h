// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reading the files that `systole regress` writes.
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>

namespace systole::regress {

/// Hands the object of a file to `read`. Throws base::InputError where it is not there or cut, or where `read` asks for
/// what is not in it.
void read_json_file(const std::filesystem::path& file, const std::function<void(const nlohmann::ordered_json&)>& read);

/// Whether anything is there, or nobody may say: a file that cannot be read, a link to nowhere. Throws nothing.
[[nodiscard]] bool may_be_there(const std::filesystem::path& file);

}  // namespace systole::regress
