// SPDX-License-Identifier: Apache-2.0
// Every source of the tree starts with the line that says its license.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;

/// Comment mark of a source of ours, "" for other files: data, documents, fuzzing corpora.
std::string comment_mark(const fs::path& file) {
  static const std::set<std::string> slashes{".h", ".cpp", ".v", ".sv", ".vlt", ".fbs"};
  static const std::set<std::string> hashes{".py", ".sh", ".cmake"};
  static const std::set<std::string> shell_folders{"script", ".ci"};
  if (file.extension() == ".in") return comment_mark(file.parent_path() / file.stem());  // a template of that source
  const std::string extension = file.extension().string();
  if (slashes.contains(extension)) return "//";
  const bool shell = extension.empty() && shell_folders.contains(file.parent_path().filename().string());
  return hashes.contains(extension) || file.filename() == "CMakeLists.txt" || shell ? "#" : "";
}

/// First line, or second after `#!`.
std::string license_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  if (line.rfind("#!", 0) == 0) std::getline(in, line);
  return line;
}

struct Scan {
  int sources = 0;
  std::vector<std::string> without;  ///< paths relative to the root
};

/// Every source below `root` but those of build folders, hidden folders (except .ci), fuzzing corpora and failures of
/// runs.
Scan scan_tree(const fs::path& root) {
  Scan scan;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      const bool hidden = name.front() == '.' && name != ".ci";
      if (hidden || name.rfind("build", 0) == 0 || name == "corpus" || name == "failures")
        entry.disable_recursion_pending();
      continue;
    }
    const std::string mark = comment_mark(entry->path());
    if (mark.empty()) continue;
    ++scan.sources;
    if (license_line(entry->path()) == mark + " SPDX-License-Identifier: Apache-2.0") continue;
    scan.without.push_back(fs::relative(entry->path(), root).string());
  }
  return scan;
}

}  // namespace

TEST_CASE("selftest.license.every_source_says_it") {
  const Scan scan = scan_tree(fs::current_path());
  for (const std::string& file : scan.without) FAIL_CHECK(file << ": no SPDX line");
  CHECK(scan.sources > 500);
}

TEST_CASE("selftest.license.source_without_it_is_named") {
  const systole::test::TemporaryFolder root;
  const auto plant = [&](const std::string& file, const std::string& text) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  };
  plant("rtl/a.v", "// SPDX-License-Identifier: Apache-2.0\nmodule a;\nendmodule\n");
  plant("script/b", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n");
  plant("docs/c.md", "no source\n");
  plant("build/d.cpp", "made\n");
  CHECK(scan_tree(root.path()).without.empty());
  for (const char* file : {"rtl/a.v", "script/b", "cmake/c.cmake", "golden/d.h", "tests/e.sh", "CMakeLists.txt"}) {
    plant(file, "first line\n");
    const Scan scan = scan_tree(root.path());
    CHECK_MESSAGE(scan.without == std::vector<std::string>{file}, file);
    fs::remove(root / file);
  }
}
