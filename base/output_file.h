// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace systole::base {

/// Writes `text` to a temporary file beside `file` and renames it, so that a reader finds the old contents or the new,
/// never a part. What is not a regular file (a pipe, a device) is written in place. Throws InputError with the
/// system's reason when any step fails; no temporary is left.
void write_file_at_once(const std::filesystem::path& file, const std::string& text);

/// Writes a file of a folder that nobody reads yet (base/replace_folder.h); a part may be left where that fails. Throws
/// InputError.
void write_file(const std::filesystem::path& file, std::string_view bytes);

/// Removes a result of before, so that it is never taken for that of a run that fails; what is no regular file stays.
/// Throws as require_place_for does.
void remove_result(const std::filesystem::path& file);

/// Throws InputError, as write_file_at_once would, where `file` is a folder or its folder is missing or not to
/// be written to: to be called before the work whose result the file shall hold. Changes nothing.
void require_place_for(const std::filesystem::path& file);

}  // namespace systole::base
