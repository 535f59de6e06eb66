// SPDX-License-Identifier: Apache-2.0
// Runs a harness without a fuzzer: every file of the folders given, whole, cut short and with single bytes changed.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "tests/fuzz/harness.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCuts = 16, kChanges = 48;  // of one file

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

void replay(const std::string& bytes, const std::string& name) {
  const systole::fixed::CounterRandom random(bytes.size(), name, "replay");
  for (std::size_t i = 0; i < kCuts; ++i) run(bytes.substr(0, bytes.size() * i / kCuts));
  if (bytes.empty()) return;
  for (std::size_t i = 0; i < kChanges; ++i) {
    std::string changed = bytes;
    const std::uint64_t draw = random.bits64(i);
    changed[(draw >> 8) % bytes.size()] = static_cast<char>(draw & 0xFFU);
    run(changed);
  }
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// Whether the parser takes a file as it is; those that a fuzzer found, or that are made so, may be refused.
bool is_live(const std::string& bytes, const std::string& name) {
  const std::uint64_t before = systole::fuzz::acceptances();
  run(bytes);
  return name.starts_with("regression_") || name.starts_with("refused_") || systole::fuzz::acceptances() > before;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  bool live = true;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& file : files_of(argv[i])) {
      std::ifstream stream(file, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      const std::string name = file.filename().string();
      if (!is_live(bytes, name)) {
        std::cout << file.string() << ": refused, expected an input that the parser takes\n";
        live = false;
      }
      replay(bytes, name);
      ++count;
    }
  }
  std::cout << count << " inputs\n";
  return count == 0 || !live ? 1 : 0;
}
