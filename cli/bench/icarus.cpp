// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/icarus.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "base/process.h"
#include "base/sha256.h"
#include "sim/dut/registry.h"

namespace systole::bench {
namespace {

namespace fs = std::filesystem;

/// The RTL's sources in name order.
std::vector<fs::path> rtl_sources() {
  std::vector<fs::path> sources;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(SYSTOLE_RTL_FOLDER, none)) {
    if (entry.path().extension() == ".v") sources.push_back(entry.path());
  }
  std::ranges::sort(sources);
  return sources;
}

}  // namespace

std::string icarus_absence() {
  for (const char* program : {"iverilog", "vvp"}) {
    if (!base::run_process({program, "-V"}).succeeded) return fmt::format("{} is not installed", program);
  }
  const std::vector<fs::path> sources = rtl_sources();
  if (sources.empty()) return "the RTL sources are not there";
  if (base::sha256_of_files(sources) != dut::rtl_hash()) return "the RTL has changed since this program was built";
  return "";
}

IcarusTimer::IcarusTimer(const vectors::MemorySet& set) {
  vectors::write_memory_set(set, {.network = "bench", .layer = "bench", .input = "random values"}, set_folder());
  std::vector<std::string> sources;
  for (const fs::path& source : rtl_sources()) sources.push_back(source.string());
  bench_.emplace(set_folder(), sources);
}

double IcarusTimer::run() {
  const auto start = std::chrono::steady_clock::now();
  const std::string verdict = bench_->run();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::uint64_t words = 0, cycles = 0;
  if (std::sscanf(verdict.c_str(), "PASS %lu words compared in %lu cycles", &words, &cycles) != 2) {
    throw std::runtime_error("vvp: " + verdict);
  }
  return static_cast<double>(cycles) / seconds;
}

}  // namespace systole::bench
