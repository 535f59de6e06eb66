// SPDX-License-Identifier: Apache-2.0
#include "debug/rtl_lines.h"

#include <fmt/format.h>

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

/// What an assignment writes: its last child, below the parts and elements of it that are chosen.
pugi::xml_node target_of(const pugi::xml_node& assignment) {
  pugi::xml_node node = assignment.last_child();
  while (has_name(node, "sel") || has_name(node, "arraysel")) node = node.first_child();
  return node;
}

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
    std::string instance, name;
    for (std::size_t start = 0; start <= path.size();) {
      const std::size_t dot = std::min(path.find('.', start), path.size());
      name = path.substr(start, dot - start);
      if (dot == path.size()) break;
      start = dot + 1;
      scope = step_into(scope, name);
      if (!scope) return {};
      instance = path.substr(0, dot);
      if (has_name(scope, "module")) module = scope;
    }
    collect(module, scope, name, instance, 0);
    std::ranges::stable_sort(found_, {}, &RtlLine::constant);
    return std::move(found_);
  }

 private:
  /// A generate block of that name, or the module of an instance of that name.
  pugi::xml_node step_into(const pugi::xml_node& scope, const std::string& name) const {
    for (const pugi::xml_node& child : scope.children()) {
      if (!is_called(child, name)) continue;
      if (has_name(child, "begin")) return child;
      if (has_name(child, "instance"))
        return netlist_.find_child_by_attribute("module", "name", child.attribute("defName").value());
    }
    return {};
  }

  void collect(const pugi::xml_node& module, const pugi::xml_node& scope, const std::string& name,
               const std::string& instance, int level) {
    for (const pugi::xml_node& node : scope.children()) {
      if (is_assignment(node) && is_called(target_of(node), name)) add(node, module, instance);
      if (has_name(node, "instance")) {
        collect_driven(node, name, instance, level);
      } else {
        collect(module, node, name, instance, level);
      }
    }
  }

  /// The lines in an instance that drives the signal.
  void collect_driven(const pugi::xml_node& cell, const std::string& name, const std::string& instance, int level) {
    if (level == kMostLevels) return;
    for (const pugi::xml_node& port : cell.children("port")) {
      if (std::string_view(port.attribute("direction").value()) != "out") continue;
      pugi::xml_node to = port.first_child();
      while (has_name(to, "sel") || has_name(to, "arraysel")) to = to.first_child();
      if (!is_called(to, name)) continue;
      const pugi::xml_node module =
          netlist_.find_child_by_attribute("module", "name", cell.attribute("defName").value());
      const std::string path =
          fmt::format("{}{}{}", instance, instance.empty() ? "" : ".", cell.attribute("name").value());
      collect(module, module, port.attribute("name").value(), path, level + 1);
    }
  }

  void add(const pugi::xml_node& assignment, const pugi::xml_node& module, const std::string& instance) {
    const std::string_view place = assignment.attribute("loc").value();  // "e,80,14,80,16": file, line, column, ...
    const std::size_t comma = place.find(',');
    if (comma == std::string_view::npos) return;
    RtlLine line{.file = files_[std::string(place.substr(0, comma))],
                 .line = 0,
                 .instance = instance,
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
