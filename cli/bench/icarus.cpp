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

IcarusBench::IcarusBench(const vectors::MemorySet& set) {
  vectors::write_memory_set(set, {.network = "bench", .layer = "bench", .input = "random values"}, set_folder());
  std::vector<std::string> command{"iverilog", "-g2005", "-s", "bench", "-o", "bench.vvp", "bench.v"};
  for (const fs::path& source : rtl_sources()) command.push_back(source.string());
  const base::ProcessResult compiled = base::run_process(command, {.folder = set_folder(), .errors_too = true});
  if (!compiled.succeeded) throw std::runtime_error("iverilog: " + compiled.output);
}

double IcarusBench::run() {
  const auto start = std::chrono::steady_clock::now();
  const base::ProcessResult result =
      base::run_process({"vvp", "-n", "bench.vvp"}, {.folder = set_folder(), .errors_too = true});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::uint64_t words = 0, cycles = 0;
  if (std::sscanf(result.output.c_str(), "PASS %lu words compared in %lu cycles", &words, &cycles) != 2) {
    throw std::runtime_error("vvp: " + result.output);
  }
  return static_cast<double>(cycles) / seconds;
}

}  // namespace systole::bench
