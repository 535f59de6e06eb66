// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which folder builds on which: docs/arrows.txt, and what is held against it.
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace systole::test {

using Folders = std::set<std::string>;
using Arrows = std::map<std::string, Folders>;  ///< folder -> folders that it may include, besides itself

/// Lines `folder: folder ...`; `#` starts a comment. Throws std::runtime_error on any other line.
Arrows read_arrows(const std::filesystem::path& file);

/// The folder itself and all that an arrow, or several in a row, lead to.
Folders reachable(const Arrows& arrows, const std::string& folder);

/// Rows of the first table of docs/architecture.md whose first column is one folder and whose last says what it may
/// include.
Arrows read_table(const std::filesystem::path& page);

}  // namespace systole::test
