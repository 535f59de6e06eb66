// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/ports.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "base/input_error.h"
#include "base/process.h"
#include "base/temporary_folder.h"

namespace systole::scaffold {
namespace {

using base::InputError;

/// The first line that Verilator marks as an error, without its mark.
std::string first_error(const std::string& output) {
  const std::size_t start = output.find("%Error");
  if (start == std::string::npos) return "it ended without a reason: " + output.substr(0, output.find('\n'));
  return output.substr(start + 1, output.find('\n', start) - start - 1);
}

/// The part of a Verilated class that declares its ports, a line each:
///   VL_IN8(&name,7,0);  VL_OUTW(&name,79,0,3);  VL_IN8((&unpacked)[2],3,0);  double &real;
std::vector<std::string> declarations(const std::string& header) {
  std::ifstream file(header);
  std::vector<std::string> lines;
  bool ports = false;
  for (std::string line; std::getline(file, line);) {
    if (line.find("// PORTS") != std::string::npos) ports = true;
    if (line.find("// CELLS") != std::string::npos) break;
    if (ports && line.find('&') != std::string::npos) lines.push_back(line);
  }
  return lines;
}

Port port_of(const std::string& declaration, const std::string& top) {
  static const std::regex vector(R"(\s*VL_(IN|OUT)(?:8|16|64|W)?\(&(\w+),(-?\d+),(-?\d+)(?:,\d+)?\);\s*)");
  static const std::regex reference(R"(&(\w+))");
  // Members of the class that are no ports: its C++ does not compile with a port of that name.
  static const std::set<std::string> own{"contextp", "eval",  "eval_end_step", "eval_step", "hierName", "modelName",
                                         "name",     "rootp", "threads",       "trace",     "vlSymsp"};
  std::smatch found;
  if (std::regex_match(declaration, found, vector)) {
    if (own.contains(found[2])) {
      throw InputError(top, "port " + found.str(2), "Verilator's class has a member of that name: wrap the module");
    }
    return {found[2], found[1] == "IN", std::abs(std::stoi(found[3]) - std::stoi(found[4])) + 1};
  }
  std::regex_search(declaration, found, reference);
  throw InputError(top, "port " + found.str(1), "expected an input or output that is a packed vector");
}

}  // namespace

std::string readable(const std::string& name) {
  static const std::regex keyword("^__SYM__"), code("__0[0-9A-Fa-f]{2}"), marks("[^A-Za-z0-9]+");
  // What is coded is a mark, or an underscore that follows another one.
  return std::regex_replace(std::regex_replace(std::regex_replace(name, keyword, ""), code, "_"), marks, "_");
}

std::vector<Port> ports_of(const Design& design) {
  const base::TemporaryFolder folder;
  // A user's RTL is read for its ports; its lint is counted where the model is built (cmake/verilate.cmake).
  std::vector<std::string> command{"verilator",    "--cc",    "--relative-includes", "-Wno-lint", "-Wno-style",
                                   "-Wno-fatal",   "--Mdir",  folder.path(),         "--prefix",  "Vdesign",
                                   "--top-module", design.top};
  for (const std::string& directory : design.include_dirs) command.push_back("-I" + directory);
  for (const std::string& define : design.defines) command.push_back("-D" + define);
  for (const std::string& param : design.params) command.push_back("-G" + param);
  for (const std::string& source : design.sources) {
    if (!std::filesystem::exists(source)) throw InputError(source, "", "expected a Verilog file, found none");
    command.push_back(source);
  }
  const base::ProcessResult result = base::run_process(command, {.errors_too = true});
  if (!result.succeeded) {
    throw InputError(design.top, "", "Verilator does not take the RTL: " + first_error(result.output));
  }
  std::vector<Port> ports;
  for (const std::string& line : declarations(folder / "Vdesign.h")) ports.push_back(port_of(line, design.top));
  if (ports.empty()) throw InputError(design.top, "", "the module has no ports");
  return ports;
}

}  // namespace systole::scaffold
