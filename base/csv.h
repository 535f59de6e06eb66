// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace systole::base {

/// A field of a CSV file, quoted where it must be (RFC 4180).
inline std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace systole::base
