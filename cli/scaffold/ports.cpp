// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/ports.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
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

/// A netlist's table of types.
class Types {
 public:
  explicit Types(const pugi::xml_node& netlist) {
    for (const pugi::xml_node& type : netlist.child("typetable").children()) {
      types_.emplace(type.attribute("id").value(), type);
    }
  }

  /// Bits of a plain vector, of packed arrays, structures and unions of them, and of what is named after one; nothing
  /// for other types.
  [[nodiscard]] std::optional<int> bits(const std::string& id) const {
    const auto found = types_.find(id);
    if (found == types_.end()) return std::nullopt;
    const pugi::xml_node& type = found->second;
    const std::string kind = type.name();
    const auto inner = [&] { return bits(type.attribute("sub_dtype_id").value()); };
    if (kind == "basicdtype") return width(type.attribute("left").as_int(0), type.attribute("right").as_int(0));
    if (kind == "refdtype" || kind == "enumdtype") return inner();
    if (kind == "packarraydtype") {
      const pugi::xml_node left = type.child("range").child("const");
      const std::optional<int> element = inner();
      if (!element) return std::nullopt;
      return *element * width(number(left), number(left.next_sibling("const")));
    }
    if (kind == "structdtype" || kind == "uniondtype") return members(type, kind == "uniondtype");
    return std::nullopt;
  }

 private:
  static int width(int left, int right) { return std::abs(left - right) + 1; }
  /// Of a constant named 32'sh1f.
  static int number(const pugi::xml_node& constant) {
    const std::string name = constant.attribute("name").value();
    return static_cast<int>(std::strtol(name.substr(name.find('h') + 1).c_str(), nullptr, 16));
  }
  [[nodiscard]] std::optional<int> members(const pugi::xml_node& type, bool overlap) const {
    int sum = 0;
    for (const pugi::xml_node& member : type.children("memberdtype")) {
      const std::optional<int> one = bits(member.attribute("sub_dtype_id").value());
      if (!one) return std::nullopt;
      sum = overlap ? *one : sum + *one;
    }
    return sum;
  }

  std::map<std::string, pugi::xml_node> types_;
};

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
  const Types types(netlist);
  std::vector<Port> ports;
  for (const pugi::xml_node& var : netlist.find_child_by_attribute("module", "topModule", "1").children("var")) {
    const std::string direction = var.attribute("dir").value(), name = var.attribute("origName").value();
    if (direction.empty()) continue;
    const std::optional<int> bits = types.bits(var.attribute("dtype_id").value());
    if (direction == "inout" || !bits) {
      throw InputError(design.top, "port " + name, "expected an input or output that is a packed vector");
    }
    ports.push_back({name, direction == "input", *bits});
  }
  if (ports.empty()) throw InputError(design.top, "", "the module has no ports");
  return ports;
}

}  // namespace systole::scaffold
