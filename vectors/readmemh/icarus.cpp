// SPDX-License-Identifier: Apache-2.0
#include "vectors/readmemh/icarus.h"

#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/process.h"

namespace systole::vectors {
namespace {

constexpr const char* kCompiled = "bench.vvp";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

IcarusBench::IcarusBench(std::filesystem::path set, const std::vector<std::string>& sources) : set_(std::move(set)) {
  std::vector<std::string> command{"iverilog", "-g2005", "-s", "bench", "-o", kCompiled, "bench.v"};
  command.insert(command.end(), sources.begin(), sources.end());
  const base::ProcessResult compiled = base::run_process(command, {.folder = set_, .errors_too = true});
  if (compiled.succeeded) return;
  const std::string said = first_line(compiled.output);
  throw base::InputError("iverilog", "", said.empty() ? "does not run; apt-get install iverilog" : said);
}

IcarusBench::~IcarusBench() {
  std::error_code none;
  std::filesystem::remove(set_ / kCompiled, none);
}

std::string IcarusBench::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{"vvp", "-n", kCompiled};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return first_line(base::run_process(command, {.folder = set_, .errors_too = true}).output);
}

}  // namespace systole::vectors
