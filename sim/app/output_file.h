#pragma once
#include <filesystem>
#include <string>

namespace systole::app {

/// Writes `text` to a temporary file beside `file` and renames it, so that a reader finds the old contents or the new,
/// never a part. What is not a regular file (a pipe, a device) is written in place. Throws model::InputError with the
/// system's reason when any step fails; no temporary is left.
void write_file_at_once(const std::filesystem::path& file, const std::string& text);

}  // namespace systole::app
