// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/ports.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <pugixml.hpp>

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

/// Bits of the plain vectors of a netlist's type table, by their number there.
std::map<std::string, int> vector_types(const pugi::xml_node& netlist) {
  std::map<std::string, int> bits;
  const pugi::xml_node table = netlist.child("typetable");
  for (const pugi::xml_node& type : table.children("basicdtype")) {
    const int left = type.attribute("left").as_int(0), right = type.attribute("right").as_int(0);
    bits[type.attribute("id").value()] = std::abs(left - right) + 1;
  }
  // A typedef or an enumeration is what it stands for.
  for (bool more = true; more;) {
    more = false;
    for (const pugi::xml_node& type : table.children()) {
      const auto target = bits.find(type.attribute("sub_dtype_id").value());
      const std::string name = type.name();
      if (target == bits.end() || (name != "refdtype" && name != "enumdtype")) continue;
      more = bits.emplace(type.attribute("id").value(), target->second).second || more;
    }
  }
  return bits;
}

}  // namespace

std::vector<Port> ports_of(const Design& design) {
  const base::TemporaryFolder folder;
  const std::string file = folder / "netlist.xml";
  std::vector<std::string> command{"verilator",    "--xml-only",   "--xml-output", file,
                                   "-Wno-lint",    "-Wno-style",   "-Wno-fatal",   "--Mdir",
                                   folder / "out", "--top-module", design.top};
  for (const std::string& directory : design.include_dirs) command.push_back("-I" + directory);
  for (const std::string& define : design.defines) command.push_back("-D" + define);
  for (const std::string& param : design.params) command.push_back("-G" + param);
  for (const std::string& source : design.sources) {
    if (!std::filesystem::exists(source)) throw InputError(source, "", "expected a Verilog file, found none");
    command.push_back(source);
  }
  const base::ProcessResult result = base::run_process(command, {.errors_too = true});
  pugi::xml_document document;
  if (!result.succeeded || !document.load_file(file.c_str())) {
    throw InputError(design.top, "", "Verilator does not take the RTL: " + first_error(result.output));
  }
  const pugi::xml_node netlist = document.child("verilator_xml").child("netlist");
  const std::map<std::string, int> types = vector_types(netlist);
  std::vector<Port> ports;
  for (const pugi::xml_node& var : netlist.find_child_by_attribute("module", "topModule", "1").children("var")) {
    const std::string direction = var.attribute("dir").value(), name = var.attribute("origName").value();
    if (direction.empty()) continue;
    const auto type = types.find(var.attribute("dtype_id").value());
    if (direction == "inout" || type == types.end()) {
      throw InputError(design.top, "port " + name, "expected an input or output that is a plain vector");
    }
    ports.push_back({name, direction == "input", type->second});
  }
  if (ports.empty()) throw InputError(design.top, "", "the module has no ports");
  return ports;
}

}  // namespace systole::scaffold
