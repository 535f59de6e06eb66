// SPDX-License-Identifier: Apache-2.0
#pragma once
// A seal finds a JSON file that was cut, half written, or edited by hand after it was written. It is no signature:
// whoever writes a file can seal it.
#include <filesystem>
#include <string>

namespace systole::signoff {

/// The JSON object, indented, with one key more at its end: "seal", the SHA-256 of the object without it as UTF-8
/// without blanks, its keys in the order of the file. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string sealed(const std::string& json);

/// The seal of a file. Throws base::InputError with the file's name where it cannot be read, is no sealed JSON object,
/// or has another seal than its contents ask for.
[[nodiscard]] std::string require_seal(const std::filesystem::path& file);

}  // namespace systole::signoff
