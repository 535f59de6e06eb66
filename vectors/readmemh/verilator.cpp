// SPDX-License-Identifier: Apache-2.0
#include "vectors/readmemh/verilator.h"

#include <sstream>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/process.h"

namespace systole::vectors {
namespace {

constexpr const char* kObjects = "obj_dir";

}  // namespace

/// Not optimized: a bench runs for a moment, and compiling is what takes time.
VerilatorBench::VerilatorBench(std::filesystem::path set, const std::vector<std::string>& sources)
    : set_(std::move(set)) {
  std::vector<std::string> command{"verilator",    "--binary", "--timing",   "-O0",
                                   "--Mdir",       kObjects,   "-MAKEFLAGS", "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0",
                                   "--top-module", "bench",    "bench.v"};
  command.insert(command.end(), sources.begin(), sources.end());
  const base::ProcessResult compiled = base::run_process(command, {.folder = set_, .errors_too = true});
  if (compiled.succeeded) return;
  std::istringstream lines(compiled.output);
  std::string error = "does not run; apt-get install verilator";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("%Error")) {
      error = line;
      break;
    }
  }
  throw base::InputError("verilator", "", error);
}

VerilatorBench::~VerilatorBench() {
  std::error_code none;
  std::filesystem::remove_all(set_ / kObjects, none);
}

std::string VerilatorBench::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{(std::filesystem::absolute(set_) / kObjects / "Vbench").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string output = base::run_process(command, {.folder = set_, .errors_too = true}).output;
  return output.substr(0, output.find('\n'));
}

}  // namespace systole::vectors
