// SPDX-License-Identifier: Apache-2.0
// The one model of the programs with planted faults. The variable SYSTOLE_FAULT names the active one; unset or empty:
// none.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/dut/registry.h"
#include "tests/selftest/faults_run.h"

namespace systole::dut {
namespace {

/// The faults change with SYSTOLE_FAULT, not with a source that has a hash.
constexpr const char* kNobodysHash = "0000000000000000000000000000000000000000000000000000000000000000";

std::string original_sources() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(SYSTOLE_RTL_FOLDER)) {
    if (entry.path().extension() == ".v") files.push_back(entry.path().string() + "\n");
  }
  std::ranges::sort(files);
  std::string text;
  for (const std::string& file : files) text += file;
  return text;
}

}  // namespace

std::span<const Build> builds() {
  static const Build list[] = {{"4x4",
                                "vcd",
                                TraceFormat::vcd,
                                [] {
                                  const char* fault = std::getenv("SYSTOLE_FAULT");
                                  return test::make_faulty_dut(fault == nullptr ? "" : fault);
                                },
                                {.rtl_sha256 = kNobodysHash}}};
  return list;
}

const BuildPlace& build_place() {
  // What it was built from is no RTL of a user; what is said of lines is said of the original's.
  static const std::string sources = original_sources();
  static const BuildPlace nowhere = [] {
    BuildPlace place;
    place.blamed_sources = sources;
    return place;
  }();
  return nowhere;
}

}  // namespace systole::dut
