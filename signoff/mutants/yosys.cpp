// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/yosys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <utility>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/temporary_folder.h"

namespace systole::signoff {

std::string read_sources(const MutatedDesign& design) {
  std::string options, text;
  for (const std::string& option : design.options) options += " " + option;  // Yosys takes a quoted one for a file
  for (const std::string& source : design.sources) {
    const bool system = std::filesystem::path(source).extension() == ".sv";
    text += fmt::format("read_verilog{}{} \"{}\"\n", system ? " -sv" : "", options, source);
  }
  return text + chparam(design.parameters, design.top);
}

std::string chparam(const std::vector<std::string>& parameters, const std::string& top) {
  if (parameters.empty()) return {};
  std::string text = "chparam";
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    text += fmt::format(" -set {} {}", parameter.substr(0, equals), parameter.substr(equals + 1));
  }
  return fmt::format("{} {}\n", text, top);
}

std::string elaborate(const MutatedDesign& design) {
  // opt_reduce: one enable for all bits of a memory's word, which are then written at once.
  return read_sources(design) + fmt::format("hierarchy -check -top {}\nproc\nopt_reduce\nopt_clean\n", design.top);
}

std::vector<std::string> limited(std::vector<std::string> command, std::chrono::seconds limit) {
  command.insert(command.begin(), {"prlimit", fmt::format("--cpu={}", std::max<std::int64_t>(limit.count(), 1))});
  return command;
}

std::optional<std::string> yosys_error(const std::filesystem::path& folder, const std::string& script,
                                       std::chrono::seconds limit) {
  const base::TemporaryFolder temporary;
  const std::filesystem::path file = temporary.path() / "script.ys";
  base::write_file_at_once(file, script);
  std::vector<std::string> command{"yosys", "-q", "-s", file.string()};
  if (limit.count() > 0) command = limited(std::move(command), limit);
  const base::ProcessResult result = base::run_process(command, {.folder = folder, .errors_too = true});
  if (result.succeeded) return std::nullopt;
  std::istringstream lines(result.output);
  std::string error = "does not run; apt-get install yosys";
  for (std::string line; std::getline(lines, line);) {
    if (line.find("ERROR") != std::string::npos) error = line;  // newer ones begin with the script's name
  }
  return error;
}

void run_yosys(const std::filesystem::path& folder, const std::string& script) {
  if (const auto error = yosys_error(folder, script)) throw base::InputError("yosys", "", *error);
}

}  // namespace systole::signoff
