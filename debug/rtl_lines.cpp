// SPDX-License-Identifier: Apache-2.0
#include "debug/rtl_lines.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <pugixml.hpp>
#include <string_view>

#include "base/process.h"
#include "base/temporary_folder.h"

namespace systole::debug {
namespace {

constexpr int kMostLevels = 16;  ///< of instances that hand a value on to their parent

std::string line_of(const std::filesystem::path& file, int number) {
  std::ifstream in(file);
  std::string line;
  for (int i = 0; i < number && std::getline(in, line); ++i) {
  }
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

bool has_name(const pugi::xml_node& node, std::string_view name) { return std::string_view(node.name()) == name; }
bool is_called(const pugi::xml_node& node, std::string_view name) { return node.attribute("name").value() == name; }

/// The variable of an expression that chooses parts or elements of it.
pugi::xml_node variable_of(pugi::xml_node expression) {
  while (has_name(expression, "sel") || has_name(expression, "arraysel")) expression = expression.first_child();
  return expression;
}

/// What an assignment writes is its last child.
pugi::xml_node target_of(const pugi::xml_node& assignment) { return variable_of(assignment.last_child()); }

bool is_assignment(const pugi::xml_node& node) {
  return has_name(node, "assign") || has_name(node, "assigndly") || has_name(node, "contassign") ||
         has_name(node, "assignw");
}

class Netlist {
 public:
  explicit Netlist(const pugi::xml_document& document) : netlist_(document.child("verilator_xml").child("netlist")) {
    for (const pugi::xml_node& file : document.child("verilator_xml").child("files").children("file")) {
      files_[file.attribute("id").value()] = file.attribute("filename").value();
    }
  }

  std::vector<RtlLine> lines(const std::string& path) {
    pugi::xml_node module = netlist_.find_child_by_attribute("module", "topModule", "1");
    pugi::xml_node scope = module;
    std::string name;
    for (std::size_t start = 0; start <= path.size();) {
      const std::size_t dot = std::min(path.find('.', start), path.size());
      name = path.substr(start, dot - start);
      if (dot == path.size()) break;
      start = dot + 1;
      scope = step_into(scope, name);
      if (!scope) return {};
      if (has_name(scope, "module")) module = scope;
    }
    collect(module, scope, name, 0);
    std::ranges::stable_sort(found_, {}, &RtlLine::constant);
    return std::move(found_);
  }

 private:
  [[nodiscard]] pugi::xml_node module_of(const pugi::xml_node& instance) const {
    return netlist_.find_child_by_attribute("module", "name", instance.attribute("defName").value());
  }

  /// A generate block of that name, or the module of an instance of that name.
  [[nodiscard]] pugi::xml_node step_into(const pugi::xml_node& scope, const std::string& name) const {
    for (const pugi::xml_node& child : scope.children()) {
      if (!is_called(child, name)) continue;
      if (has_name(child, "begin")) return child;
      if (has_name(child, "instance")) return module_of(child);
    }
    return {};
  }

  void collect(const pugi::xml_node& module, const pugi::xml_node& scope, const std::string& name, int level) {
    for (const pugi::xml_node& node : scope.children()) {
      if (is_assignment(node) && is_called(target_of(node), name)) add(node, module);
      if (has_name(node, "instance")) {
        collect_driven(node, name, level);
      } else {
        collect(module, node, name, level);
      }
    }
  }

  /// The lines in an instance that drives the signal.
  void collect_driven(const pugi::xml_node& instance, const std::string& name, int level) {
    if (level == kMostLevels) return;
    for (const pugi::xml_node& port : instance.children("port")) {
      if (std::string_view(port.attribute("direction").value()) != "out") continue;
      if (!is_called(variable_of(port.first_child()), name)) continue;
      collect(module_of(instance), module_of(instance), port.attribute("name").value(), level + 1);
    }
  }

  void add(const pugi::xml_node& assignment, const pugi::xml_node& module) {
    const std::string_view place = assignment.attribute("loc").value();  // "e,80,14,80,16": file, line, column, ...
    const std::size_t comma = place.find(',');
    if (comma == std::string_view::npos) return;
    RtlLine line{.file = files_[std::string(place.substr(0, comma))],
                 .line = 0,
                 .module = module.attribute("origName").value(),
                 .text = {},
                 .constant = has_name(assignment.first_child(), "const")};
    std::from_chars(place.data() + comma + 1, place.data() + place.size(), line.line);
    const auto same = [&line](const RtlLine& other) { return other.file == line.file && other.line == line.line; };
    if (std::ranges::any_of(found_, same)) return;
    line.text = line_of(line.file, line.line);
    found_.push_back(std::move(line));
  }

  pugi::xml_node netlist_;
  std::map<std::string, std::string> files_;
  std::vector<RtlLine> found_;
};

}  // namespace

std::vector<RtlLine> lines_that_write(const RtlDesign& design, const std::string& path) {
  const base::TemporaryFolder folder;
  const std::filesystem::path xml = folder / "netlist.xml";
  // What lint says of this RTL was said when its model was built; here it must not stop the reading.
  std::vector<std::string> command{"verilator",  "--xml-only",           "--xml-output", xml.string(),
                                   "--Mdir",     folder.path().string(), "-Wno-fatal",   "-Wno-lint",
                                   "-Wno-style", "--top-module",         design.top};
  for (const std::string& parameter : design.parameters) command.push_back("-G" + parameter);
  for (const std::filesystem::path& source : design.sources) command.push_back(source.string());
  if (design.sources.empty() || !base::run_process(command).succeeded) return {};
  pugi::xml_document document;
  if (!document.load_file(xml.c_str())) return {};
  return Netlist(document).lines(path);
}

}  // namespace systole::debug
