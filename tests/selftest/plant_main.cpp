// SPDX-License-Identifier: Apache-2.0
// plant_faults FAULTS SURVIVORS RTL_FOLDER FOLDER: writes into FOLDER the copy of the RTL with every fault of the two
// tables that applies, the tables as C++ (faults.cpp) and one test case a fault (fault_cases.cpp). Exit 1 with one line
// where a table cannot be read.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/selftest/plant.h"

namespace {

namespace fs = std::filesystem;
using namespace systole::test;

Modules read_modules(const fs::path& folder) {
  Modules modules;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".v") continue;
    std::ifstream file(entry.path());
    modules[entry.path().stem().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return modules;
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  if (!(out << text).flush()) throw std::runtime_error(file.string() + ": cannot write");
}

/// Raw string of C++.
std::string raw(const std::string& text) { return "R\"-(" + text + ")-\""; }

std::string table_text(const std::string& function, const std::vector<Fault>& faults) {
  std::string text = "const std::vector<Fault>& " + function + "() {\n  static const std::vector<Fault> list{\n";
  for (const Fault& fault : faults) {
    text += "      {";
    for (const std::string* field : {&fault.name, &fault.module, &fault.quoted, &fault.mutated, &fault.program,
                                     &fault.check, &fault.outcome, &fault.signal}) {
      text += raw(*field) + ", ";
    }
    text += fmt::format("{}, {}}},\n", fault.line, raw(fault.problem));
  }
  return text + "  };\n  return list;\n}\n";
}

std::string cases_text(const std::string& group, const std::string& check, const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults)
    text +=
        fmt::format("TEST_CASE(\"selftest.{0}.{1}\") {{ systole::test::{2}(\"{1}\"); }}\n", group, fault.name, check);
  return text;
}

void run(const fs::path& fault_table, const fs::path& survivor_table, const fs::path& rtl, const fs::path& folder) {
  std::vector<Fault> faults = read_faults(fault_table);
  const auto count = static_cast<std::ptrdiff_t>(faults.size());
  for (const Fault& survivor : read_faults(survivor_table)) faults.push_back(survivor);
  Modules modules = read_modules(rtl);
  plant(modules, faults);
  const std::vector<Fault> survivors(faults.begin() + count, faults.end());
  faults.resize(static_cast<std::size_t>(count));
  fs::create_directories(folder);
  for (const auto& [module, text] : modules) write(folder / (module + ".v"), text);
  write(folder / "accel_fault_pkg.sv",
        "package accel_fault_pkg;\n  int active /*verilator public_flat_rw*/;\nendpackage\n");
  write(folder / "faults.cpp",
        "// Made by plant_faults.\n#include \"tests/selftest/fault.h\"\n\nnamespace systole::test {\n" +
            table_text("planted_faults", faults) + table_text("planted_survivors", survivors) +
            "}  // namespace systole::test\n");
  write(folder / "fault_cases.cpp",
        "// Made by plant_faults.\n#include <doctest/doctest.h>\n\n#include \"tests/selftest/check_fault.h\"\n\n" +
            cases_text("faults", "check_fault", faults) + cases_text("survivors", "check_survivor", survivors));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: plant_faults FAULTS SURVIVORS RTL_FOLDER FOLDER\n");
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3], argv[4]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "plant_faults: {}\n", error.what());
    return 1;
  }
}
