// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tables of two fields a line, separated by one tab.
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

namespace systole::test {

/// First field -> second. Empty lines and those that start with # are passed. Throws std::runtime_error for a line of
/// one field or a first field that occurs twice.
inline std::map<std::string, std::string> read_pairs(const std::filesystem::path& table) {
  std::map<std::string, std::string> pairs;
  std::ifstream file(table);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos || !pairs.emplace(line.substr(0, tab), line.substr(tab + 1)).second)
      throw std::runtime_error(table.string() + ": expected two fields, the first one once: " + line);
  }
  return pairs;
}

}  // namespace systole::test
