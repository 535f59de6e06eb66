// SPDX-License-Identifier: Apache-2.0
#include "debug/netlist.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string_view>

#include "base/process.h"
#include "base/temporary_folder.h"

namespace systole::debug {
namespace {

using Node = pugi::xml_node;

bool has_name(const Node& node, std::string_view name) { return std::string_view(node.name()) == name; }
std::string name_of(const Node& node) { return node.attribute("name").value(); }

bool is_assignment(const Node& node) {
  constexpr std::array<std::string_view, 4> kKinds{"assign", "assigndly", "contassign", "assignw"};
  return std::ranges::find(kKinds, std::string_view(node.name())) != kKinds.end();
}

bool is_reference(const Node& node) { return has_name(node, "varref") || has_name(node, "varxref"); }

Node child_called(const Node& scope, const char* kind, std::string_view name) {
  for (const Node& child : scope.children(kind)) {
    if (child.attribute("name").value() == name) return child;
  }
  return {};
}

/// Calls `call` for every variable reference in an expression.
void for_references(const Node& expression, const std::function<void(const Node&)>& call) {
  if (is_reference(expression)) return call(expression);
  for (const Node& child : expression.children()) for_references(child, call);
}

/// What an assignment writes: the variables of its last child, not those of indices.
void for_targets(const Node& target, const std::function<void(const Node&)>& call) {
  if (is_reference(target)) return call(target);
  if (has_name(target, "sel") || has_name(target, "arraysel")) return for_targets(target.first_child(), call);
  for (const Node& child : target.children()) for_targets(child, call);
}

/// References in the indices of what an assignment writes.
void for_indices(const Node& target, const std::function<void(const Node&)>& call) {
  const bool selects = has_name(target, "sel") || has_name(target, "arraysel");
  for (Node child = target.first_child(); child; child = child.next_sibling()) {
    if (selects && child != target.first_child()) {
      for_references(child, call);
    } else {
      for_indices(child, call);
    }
  }
}

/// A hierarchical reference as Verilator writes it: "g_row__BRA__0__KET____DOT__g_col".
std::vector<std::string> levels_of(std::string dotted) {
  const auto replace = [&dotted](std::string_view from, std::string_view to) {
    for (std::size_t at = dotted.find(from); at != std::string::npos; at = dotted.find(from, at))
      dotted.replace(at, from.size(), to);
  };
  replace("__BRA__", "[");
  replace("__KET__", "]");
  replace("__DOT__", ".");
  std::vector<std::string> levels;
  for (std::size_t start = 0; start <= dotted.size();) {
    const std::size_t dot = std::min(dotted.find('.', start), dotted.size());
    levels.push_back(dotted.substr(start, dot - start));
    start = dot + 1;
  }
  return levels;
}

/// The named blocks of its module that hold a node, "g_row[0].g_col[2]."
std::string blocks_around(const Node& node) {
  std::string blocks;
  for (Node up = node.parent(); up && !has_name(up, "module"); up = up.parent()) {
    if (has_name(up, "begin") && !name_of(up).empty()) blocks.insert(0, name_of(up) + ".");
  }
  return blocks;
}

}  // namespace

Netlist::Netlist(std::unique_ptr<pugi::xml_document> document) : document_(std::move(document)) {
  const Node root = document_->child("verilator_xml");
  netlist_ = root.child("netlist");
  top_ = netlist_.find_child_by_attribute("module", "topModule", "1");
  for (const Node& file : root.child("files").children("file"))
    files_[file.attribute("id").value()] = file.attribute("filename").value();
  for (const Node& module : netlist_.children("module")) modules_[name_of(module)] = module;
}

std::optional<Netlist> Netlist::read(const RtlDesign& design) {
  const base::TemporaryFolder folder;
  const std::filesystem::path xml = folder / "netlist.xml";
  // What lint says of this RTL was said when its model was built; here it must not stop the reading.
  std::vector<std::string> command{"verilator",  "--xml-only",           "--xml-output", xml.string(),
                                   "--Mdir",     folder.path().string(), "-Wno-fatal",   "-Wno-lint",
                                   "-Wno-style", "--top-module",         design.top};
  for (const std::string& parameter : design.parameters) command.push_back("-G" + parameter);
  for (const std::filesystem::path& source : design.sources) command.push_back(source.string());
  if (design.sources.empty() || !base::run_process(command).succeeded) return std::nullopt;
  auto document = std::make_unique<pugi::xml_document>();
  if (!document->load_file(xml.c_str())) return std::nullopt;
  return Netlist(std::move(document));
}

Node Netlist::definition_of(const Node& instance) const {
  const auto found = modules_.find(instance.attribute("defName").value());
  return found == modules_.end() ? Node() : found->second;
}

Node Netlist::module_at(const std::vector<Node>& instances) const {
  return instances.empty() ? top_ : definition_of(instances.back());
}

std::optional<Netlist::Signal> Netlist::find(const std::string& path) const {
  Signal signal;
  Node scope = top_;
  const std::vector<std::string> levels = levels_of(path);
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    if (const Node block = child_called(scope, "begin", levels[i])) {
      scope = block;
    } else if (const Node instance = child_called(scope, "instance", levels[i])) {
      signal.instances.push_back(instance);
      scope = definition_of(instance);
    } else {
      return std::nullopt;
    }
  }
  signal.variable = child_called(scope, "var", levels.back());
  return signal.variable ? std::optional(signal) : std::nullopt;
}

std::string Netlist::path_of(const std::vector<Node>& instances) const {
  std::string path;
  for (const Node& instance : instances) path += blocks_around(instance) + name_of(instance) + ".";
  return path;
}

std::string Netlist::path_of(const Signal& signal) const {
  return path_of(signal.instances) + blocks_around(signal.variable) + name_of(signal.variable);
}

/// The variable that a reference means: the nearest of that name in the blocks around it.
Node Netlist::resolve(const Node& reference) {
  const std::string name = name_of(reference), dotted = reference.attribute("dotted").value();
  const std::vector<std::string> levels = dotted.empty() ? std::vector<std::string>() : levels_of(dotted);
  for (Node scope = reference.parent(); scope && !has_name(scope, "netlist"); scope = scope.parent()) {
    Node inner = scope;
    for (const std::string& level : levels) inner = inner ? child_called(inner, "begin", level) : inner;
    const Node found = inner ? child_called(inner, "var", name) : Node();
    if (found) return found;
  }
  return {};
}

void Netlist::index(const Node& scope, Writers& writers) const {
  for (const Node& node : scope.children()) {
    if (is_assignment(node)) {
      for_targets(node.last_child(), [&](const Node& target) {
        if (const Node variable = resolve(target)) writers.assignments[variable.hash_value()].push_back(node);
      });
    } else if (has_name(node, "instance")) {
      for (const Node& port : node.children("port")) {
        if (std::string_view(port.attribute("direction").value()) != "out") continue;
        for_targets(port.first_child(), [&](const Node& target) {
          if (const Node variable = resolve(target)) writers.ports[variable.hash_value()].push_back({node, port});
        });
      }
    } else {
      index(node, writers);
    }
  }
}

const Netlist::Writers& Netlist::writers_in(const Node& module) {
  const auto [found, added] = writers_.try_emplace(module.hash_value());
  if (added) index(module, found->second);
  return found->second;
}

Netlist::Driver Netlist::make_driver(const std::vector<Node>& instances, const Node& expression) const {
  Driver driver{.expression = expression,
                .is_register = has_name(expression, "assigndly"),
                .conditions = {},
                .reads = {},
                .instances = instances};
  const auto read = [&](const Node& reference) {
    if (const Node variable = resolve(reference)) driver.reads.push_back({instances, variable});
  };
  if (is_assignment(expression)) {
    for (Node child = expression.first_child(); child != expression.last_child(); child = child.next_sibling())
      for_references(child, read);
    for_indices(expression.last_child(), read);
  } else {
    for_references(expression, read);
  }
  for (Node below = expression, up = below.parent(); up && !has_name(up, "module"); below = up, up = up.parent()) {
    if (has_name(up, "always") && driver.is_register) for_references(up.child("sentree"), read);
    if (!has_name(up, "if") && !has_name(up, "case")) continue;
    driver.conditions.push_back(up.first_child());
    for_references(up.first_child(), read);
  }
  return driver;
}

std::vector<Netlist::Driver> Netlist::drivers_of(const Signal& signal) {
  std::vector<Driver> drivers;
  const Node module = module_at(signal.instances);
  if (!module) return drivers;
  const Writers& writers = writers_in(module);
  const Key key = signal.variable.hash_value();
  if (const auto found = writers.assignments.find(key); found != writers.assignments.end()) {
    for (const Node& assignment : found->second) drivers.push_back(make_driver(signal.instances, assignment));
  }
  if (const auto found = writers.ports.find(key); found != writers.ports.end()) {
    for (const InstancePort& at : found->second) {
      std::vector<Node> instances = signal.instances;
      instances.push_back(at.instance);
      const Node inner = child_called(definition_of(at.instance), "var", name_of(at.port));
      if (inner)
        drivers.push_back(
            {.expression = at.port, .conditions = {}, .reads = {{instances, inner}}, .instances = signal.instances});
    }
  }
  const bool input = std::string_view(signal.variable.attribute("dir").value()) == "input";
  if (input && !signal.instances.empty()) {
    const std::vector<Node> outside(signal.instances.begin(), signal.instances.end() - 1);
    const Node port = child_called(signal.instances.back(), "port", name_of(signal.variable));
    if (port) drivers.push_back(make_driver(outside, port));
  }
  return drivers;
}

std::optional<Netlist::Place> Netlist::place_of(const Node& expression) const {
  const std::string_view text = expression.attribute("loc").value();  // "e,80,14,80,16": file, line, column, ...
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto file = files_.find(std::string(text.substr(0, comma)));
  Place place;
  std::from_chars(text.data() + comma + 1, text.data() + text.size(), place.line);
  if (file == files_.end() || place.line == 0) return std::nullopt;
  place.file = file->second;
  return place;
}

std::string Netlist::module_of(const Node& expression) const {
  for (Node up = expression; up; up = up.parent()) {
    if (has_name(up, "module")) return up.attribute("origName").value();
  }
  return {};
}

}  // namespace systole::debug
