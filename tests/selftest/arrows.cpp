// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/arrows.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace systole::test {
namespace {

/// What stands between pairs of backquotes.
std::vector<std::string> backquoted(const std::string& cell) {
  std::vector<std::string> words;
  std::size_t open = cell.find('`');
  while (open != std::string::npos) {
    const std::size_t close = cell.find('`', open + 1);
    if (close == std::string::npos) break;
    words.push_back(cell.substr(open + 1, close - open - 1));
    open = cell.find('`', close + 1);
  }
  return words;
}

}  // namespace

Arrows read_arrows(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + ": cannot be read");
  Arrows arrows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) throw std::runtime_error(file.string() + ": no colon in '" + line + "'");
    Folders& targets = arrows[line.substr(0, colon)];
    std::istringstream words(line.substr(colon + 1));
    for (std::string word; words >> word;) targets.insert(word);
  }
  return arrows;
}

Folders reachable(const Arrows& arrows, const std::string& folder) {
  Folders found;
  std::vector<std::string> open{folder};
  while (!open.empty()) {
    const std::string next = open.back();
    open.pop_back();
    if (!found.insert(next).second || !arrows.contains(next)) continue;
    for (const std::string& target : arrows.at(next)) open.push_back(target);
  }
  return found;
}

Arrows read_table(const std::filesystem::path& page) {
  std::ifstream in(page);
  Arrows arrows;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("| `", 0) != 0) {
      if (line.empty() && !arrows.empty()) break;
      continue;
    }
    const std::size_t last = line.find_last_of('|', line.size() - 2);
    const std::string includes = line.substr(last);
    if (includes.find("everything") != std::string::npos) continue;  // the row of the tests
    const std::vector<std::string> targets = backquoted(includes);
    arrows[backquoted(line).front()] = {targets.begin(), targets.end()};
  }
  return arrows;
}

}  // namespace systole::test
