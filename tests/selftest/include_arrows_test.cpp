// SPDX-License-Identifier: Apache-2.0
// Who may include whom (docs/arrows.txt): the sources, the links of CMake and the table of docs/architecture.md are
// read.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/selftest/arrows.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using systole::test::Arrows;
using systole::test::Folders;
using systole::test::reachable;
using systole::test::read_arrows;
using systole::test::read_table;

/// The arrows of the tree; the selftests run in its root.
const Arrows& arrows() {
  static const Arrows kArrows = read_arrows("docs/arrows.txt");
  return kArrows;
}

/// Headers that have one address: prefix of the include -> folders that may use it, and whether only their .cpp files
/// may. The first prefix that fits an include decides.
struct Confined {
  std::string prefix;
  Folders folders;
  bool sources_only;
};
const std::vector<Confined> kConfined{
    {"verilated", {"sim/dut", "accel/dut"}, false},
    // Verilator's SystemC module is a bench of signals, measured in `systole bench`: no adapter to sim/dut's interface
    // can hide it, and systemc has its addresses in sim/tlm and accel/bus.
    {"Vaccel_systemc.h", {"accel/bus"}, true},
    {"Vsystole_word_shell.h", {"sim/systole"}, false},  // in adapters, beside the class of their design
    {"V", {"accel/dut"}, false},                        // a generated class, Vaccel_....h
    {"systemc", {"sim/tlm", "accel/bus"}, false},
    {"tlm", {"sim/tlm", "accel/bus"}, false},
    {"nlohmann/json_fwd.hpp", {}, false},  // names alone
    {"nlohmann/", {}, true},
    {"google/protobuf", {}, true},
    {"flatbuffers/", {}, true},
    {"onnx/", {}, true},
    {"openssl/", {"base"}, true},
    {"sqlite3.h", {"report"}, true},
};

/// The folder with arrows that a path belongs to, the innermost where there are two, or "".
std::string folder_of(const std::string& path) {
  std::string longest;
  for (const auto& [folder, targets] : arrows()) {
    if (path.rfind(folder + "/", 0) == 0 && folder.size() > longest.size()) longest = folder;
  }
  return longest;
}

/// What stands between the marks of an include directive, or "".
std::string included(const std::string& line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string::npos || line.compare(start, 8, "#include") != 0) return "";
  const std::size_t open = line.find_first_of("<\"", start);
  const std::size_t close = open == std::string::npos ? open : line.find_first_of(">\"", open + 1);
  return close == std::string::npos ? "" : line.substr(open + 1, close - open - 1);
}

bool allowed(const Confined& confined, const std::string& folder, bool header) {
  const bool address = confined.folders.empty() || confined.folders.contains(folder);
  return address && !(confined.sources_only && header);
}

/// Why `include` must not stand in `file` of `folder`, or "".
std::string objection(const std::string& folder, bool header, const std::string& include) {
  if (include.rfind("tests/", 0) == 0) return "nothing includes tests";
  const std::string target = folder_of(include);
  if (!target.empty())
    return reachable(arrows(), folder).contains(target) ? "" : "no arrow from " + folder + " to " + target;
  for (const Confined& confined : kConfined) {
    if (include.rfind(confined.prefix, 0) != 0) continue;
    return allowed(confined, folder, header) ? "" : "not the place of " + confined.prefix;
  }
  return "";
}

struct Scan {
  std::size_t files = 0, includes = 0;
  std::vector<std::string> violations;
};

void scan_file(const fs::path& root, const fs::path& file, Scan& scan) {
  const std::string name = fs::relative(file, root).generic_string();
  const std::string folder = folder_of(name);
  if (folder.empty()) return scan.violations.push_back(name + ": a folder without arrows");
  ++scan.files;
  std::ifstream in(file);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string include = included(line);
    if (include.empty()) continue;
    ++scan.includes;
    const std::string why = objection(folder, file.extension() == ".h", include);
    if (!why.empty()) scan.violations.push_back(fmt::format("{}:{}: {}: {}", name, number, include, why));
  }
}

Scan scan_tree(const fs::path& root) {
  Scan scan;
  for (const char* top :
       {"base", "golden", "models", "sim", "accel", "vectors", "debug", "regress", "report", "signoff", "cli"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".h") || name.ends_with(".cpp") || name.ends_with(".cpp.in"))
        scan_file(root, entry.path(), scan);
    }
  }
  return scan;
}

/// "folder: target" for each link of a library that no arrow allows.
std::vector<std::string> links_without_arrow(const Arrows& links) {
  std::vector<std::string> found;
  for (const auto& [folder, targets] : links) {
    if (!arrows().contains(folder)) continue;  // a library of the tests, which may link everything
    const Folders allowed_targets = reachable(arrows(), folder);
    for (const std::string& target : targets) {
      if (!allowed_targets.contains(target)) found.push_back(fmt::format("{}: {}", folder, target));
    }
  }
  return found;
}

std::size_t violations_of(const std::string& file, const std::string& line) {
  const systole::test::TemporaryFolder root;
  fs::create_directories((root / file).parent_path());
  std::ofstream(root / file) << line << "\n";
  return scan_tree(root.path()).violations.size();
}

}  // namespace

TEST_CASE("selftest.include_arrows.tree_is_clean") {
  const Scan scan = scan_tree(fs::current_path());
  for (const std::string& violation : scan.violations) FAIL_CHECK(violation);
  CHECK(scan.files > 50);
  CHECK(scan.includes > 200);
}

TEST_CASE("selftest.include_arrows.planted_violation_is_caught") {
  CHECK(violations_of("golden/op/x.cpp", "#include \"golden/model/network.h\"") == 1);
  CHECK(violations_of("accel/cycle/x.h", "#include \"accel/lower/encoding.h\"") == 1);
  CHECK(violations_of("golden/fixed/x.h", "#include \"sim/dut/dut.h\"") == 1);
  CHECK(violations_of("sim/check/x.cpp", "  #include \"sim/dut/dut.h\"") == 1);
  CHECK(violations_of("sim/check/x.cpp", "#include <verilated.h>") == 1);
  CHECK(violations_of("sim/kernel/x.cpp", "#include \"Vaccel_8x8_vcd.h\"") == 1);
  CHECK(violations_of("golden/model/x.h", "#include <nlohmann/json.hpp>") == 1);
  CHECK(violations_of("vectors/set/x.h", "#include \"tests/support/random_layer.h\"") == 1);
  CHECK(violations_of("cli/x.cpp", "#include <systemc>") == 1);
  CHECK(violations_of("cli/x.cpp", "#include <openssl/evp.h>") == 1);
  CHECK(violations_of("sim/tlm/x.cpp", "#include \"Vaccel_8x8_vcd.h\"") == 1);
  CHECK(violations_of("accel/bus/x.h", "#include \"Vaccel_systemc.h\"") == 1);
  CHECK(violations_of("signoff/nowhere/x.cpp", "") == 1);
  CHECK(violations_of("cli/x.cpp", "#include \"Vaccel_systemc.h\"") == 1);
}

TEST_CASE("selftest.include_arrows.drawn_arrow_passes") {
  CHECK(violations_of("golden/model/x.cpp", "#include <nlohmann/json.hpp>") == 0);
  CHECK(violations_of("cli/x.cpp", "#include \"golden/fixed/round.h\"") == 0);
  CHECK(violations_of("sim/dut/x.h", "#include <verilated.h>") == 0);
  CHECK(violations_of("accel/bus/x.cpp", "#include \"Vaccel_systemc.h\"") == 0);
}

TEST_CASE("selftest.include_arrows.folders_and_targets_exist") {
  for (const auto& arrow : arrows()) {
    const std::string& folder = arrow.first;
    CHECK_MESSAGE(fs::is_directory(folder), folder);
    for (const std::string& target : arrow.second) {
      CHECK_MESSAGE(arrows().contains(target), folder << ": " << target);
      CHECK_MESSAGE(!reachable(arrows(), target).contains(folder),
                    folder << " and " << target << " include each other");
    }
  }
}

TEST_CASE("selftest.include_arrows.page_shows_the_same") {
  CHECK(read_table("docs/architecture.md") == arrows());
  const systole::test::TemporaryFolder folder;
  std::ofstream(folder / "page.md")
      << "| folder | what | may include |\n|---|---|---|\n| `a` | with `code` | nothing |\n"
      << "| `b/c` | x | `a` |\n| `tests` | x | everything |\n\n| `d` | x | `a` |\n";
  CHECK(read_table(folder / "page.md") == Arrows{{"a", {}}, {"b/c", {"a"}}});
}

TEST_CASE("selftest.include_arrows.links_follow_them") {
  const Arrows links = read_arrows(SYSTOLE_LINKS);
  CHECK(links.size() > 20);
  for (const std::string& link : links_without_arrow(links)) FAIL_CHECK(link);
  CHECK(links_without_arrow({{"golden/op", {"golden/fixed", "golden/model"}}}) ==
        std::vector<std::string>{"golden/op: golden/model"});
}
