// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/faults_table.h"

#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace systole::test {

std::vector<Fault> read_faults() {
  constexpr const char* kTable = "tests/selftest/faults.tsv";
  constexpr std::size_t kFields = 8;
  std::vector<Fault> faults;
  std::ifstream file(kTable);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
    if (fields.size() != kFields) throw std::runtime_error(std::string(kTable) + ": '" + line + "': expected 8 fields");
    faults.push_back({fields[0], fields[1], fields[4], fields[5], fields[6], fields[7]});
  }
  if (faults.empty()) throw std::runtime_error(std::string(kTable) + ": no faults");
  return faults;
}

}  // namespace systole::test
