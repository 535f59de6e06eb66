// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/icarus.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "base/quote.h"
#include "base/sha256.h"
#include "sim/dut/registry.h"

namespace systole::bench {
namespace {

namespace fs = std::filesystem;

struct ShellResult {
  int status = 0;  ///< 0: the command succeeded
  std::string output;
};

ShellResult shell(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("a shell cannot be started");
  ShellResult result;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    result.output.append(buffer.data(), n);
  }
  result.status = ::pclose(pipe);
  return result;
}

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
  if (shell("command -v iverilog && command -v vvp").status != 0) return "iverilog is not installed";
  const std::vector<fs::path> sources = rtl_sources();
  if (sources.empty()) return "the RTL sources are not there";
  if (base::sha256_of_files(sources) != dut::rtl_hash()) return "the RTL has changed since this program was built";
  return "";
}

IcarusBench::IcarusBench(const vectors::MemorySet& set)
    : folder_(fs::temp_directory_path() / fmt::format("systole-icarus-{}", ::getpid())) {
  vectors::write_memory_set(set, {.network = "bench", .layer = "bench", .input = "random values"}, folder_);
  std::string command =
      fmt::format("cd {} && iverilog -g2005 -s bench -o bench.vvp bench.v", base::shell_word(folder_.string()));
  for (const fs::path& source : rtl_sources()) command += fmt::format(" {}", base::shell_word(source.string()));
  const ShellResult compiled = shell(command);
  if (compiled.status != 0) throw std::runtime_error("iverilog: " + compiled.output);
}

IcarusBench::~IcarusBench() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

double IcarusBench::run() {
  const auto start = std::chrono::steady_clock::now();
  const ShellResult result = shell(fmt::format("cd {} && vvp -n bench.vvp", base::shell_word(folder_.string())));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::uint64_t words = 0, cycles = 0;
  if (std::sscanf(result.output.c_str(), "PASS %lu words compared in %lu cycles", &words, &cycles) != 2) {
    throw std::runtime_error("vvp: " + result.output);
  }
  return static_cast<double>(cycles) / seconds;
}

}  // namespace systole::bench
