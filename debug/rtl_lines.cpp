// SPDX-License-Identifier: Apache-2.0
#include "debug/rtl_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <deque>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace systole::debug {
namespace {

using Node = pugi::xml_node;

constexpr int kMostDistance = 16, kHiddenRegister = 4;
constexpr std::size_t kMostOfABank = 2;  ///< registers of a bank whose being right is looked at

std::string line_of(const std::filesystem::path& file, int number) {
  std::ifstream in(file);
  std::string line;
  for (int i = 0; i < number && std::getline(in, line); ++i) {
  }
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

/// Whether a node of an expression computes something: all but names, constants and what only regroups bits.
bool computes(const Node& node) {
  constexpr std::array<std::string_view, 14> kQuiet{"varref", "varxref",   "const",   "concat",    "sel",
                                                    "port",   "arraysel",  "extend",  "extends",   "replicate",
                                                    "assign", "assigndly", "assignw", "contassign"};
  return std::ranges::find(kQuiet, std::string_view(node.name())) == kQuiet.end();
}

/// The cone behind one signal.
class Cone {
 public:
  /// File and line, and the instance: the same line in another one is another piece of the design.
  struct Key {
    std::string file;
    int line = 0;
    std::string instance;
    auto operator<=>(const Key&) const = default;  // NOLINT(modernize-use-nullptr): of clang 14, for the 0 in `<=> 0`
  };
  struct Found {
    std::string module;
    int distance = 0, operators = 0;
    bool constant = false;
  };

  Cone(Netlist& netlist, const std::function<bool(const std::string&)>& watched)
      : netlist_(netlist), watched_(watched) {}

  /// Watched signals at which the last cone ends, and whether what stands behind it is read before the edge.
  [[nodiscard]] const std::set<std::string>& ends() const { return ends_; }
  [[nodiscard]] bool of_register() const { return is_register_; }

  std::map<Key, Found> behind(const std::string& path) {
    const std::optional<Netlist::Signal> start = netlist_.find(path);
    if (!start) return {};
    visit(*start, 0);
    while (!queue_.empty()) {
      const auto [signal, distance] = std::move(queue_.front());
      queue_.pop_front();
      if (distance > 0 && ends_at(signal)) continue;
      for (const Netlist::Driver& driver : netlist_.drivers_of(signal)) follow(driver, distance);
    }
    return std::move(found_);
  }

 private:
  void visit(const Netlist::Signal& signal, int distance) {
    if (visited_.insert(netlist_.path_of(signal)).second) queue_.emplace_back(signal, distance);
  }

  bool ends_at(const Netlist::Signal& signal) {
    std::string path = netlist_.path_of(signal);
    const bool end = watched_(path);
    if (end) ends_.insert(std::move(path));
    return end;
  }

  void follow(const Netlist::Driver& driver, int distance) {
    if (distance == 0) is_register_ |= driver.is_register;
    const bool wire = std::string_view(driver.expression.name()) == "port";
    const bool constant = std::string_view(driver.expression.first_child().name()) == "const" && !wire;
    instance_ = netlist_.path_of(driver.instances);
    add(driver.expression, distance, constant);
    for (const Node& condition : driver.conditions) add(condition, distance, false);
    if (distance >= kMostDistance) return;
    // What stands behind a register that nobody watches was wrong a cycle before and seen by nobody else.
    const int further = driver.is_register && distance > 0 ? kHiddenRegister : wire ? 0 : 1;
    for (const Netlist::Signal& read : driver.reads) visit(read, distance + further);
  }

  /// The expression's own line, and one for each other line on which it computes something.
  void add(const Node& expression, int distance, bool constant) {
    add_line(expression, distance, constant, computes(expression) ? 1 : 0);
    for (const Node& child : expression.children()) add_operators(child, distance, constant);
  }
  void add_operators(const Node& node, int distance, bool constant) {
    if (computes(node)) add_line(node, distance, constant, 1);
    for (const Node& child : node.children()) add_operators(child, distance, constant);
  }
  void add_line(const Node& node, int distance, bool constant, int operators) {
    const std::optional<Netlist::Place> place = netlist_.place_of(node);
    if (!place) return;
    const auto [line, added] = found_.try_emplace({place->file.string(), place->line, instance_});
    Found& found = line->second;
    if (added) found = {netlist_.module_of(node), distance, 0, constant};
    found.constant &= constant;
    // An expression is met once for each way to it; its own operators count once.
    if (counted_.insert(node.hash_value()).second) found.operators += operators;
  }

  Netlist& netlist_;
  const std::function<bool(const std::string&)>& watched_;
  std::deque<std::pair<Netlist::Signal, int>> queue_;
  std::string instance_;
  std::set<std::string> ends_;
  bool is_register_ = false;
  std::set<std::string> visited_;
  std::set<std::size_t> counted_;
  std::map<Key, Found> found_;
};

/// A piece of the design and the signals that depend on it.
struct Piece {
  Cone::Found found;
  std::size_t wrong = 0, right = 0;
};

}  // namespace

double RtlLine::weight() const {
  constexpr double kWiring = 0.3;  // of a line that computes nothing, against an operator
  constexpr double kConstant = 0.25;
  constexpr double kStructure = 0.02;  // against what a repair weighs: it breaks ties
  return repair + kStructure * suspicion * (kWiring + operators) / (1 + distance) * (constant ? kConstant : 1);
}

std::vector<RtlLine> lines_behind(Netlist& netlist, const std::vector<std::string>& wrong,
                                  const std::vector<std::string>& right,
                                  const std::function<bool(const std::string&)>& watched) {
  std::map<Cone::Key, Piece> pieces;
  std::size_t unexplained = 0;
  for (const std::string& path : wrong) {
    Cone cone(netlist, watched);
    const auto lines = cone.behind(path);
    // A wire is wrong because what it is made of is: another one, or a register of after the edge.
    const auto is_end = [&cone](const std::string& other) { return cone.ends().contains(other); };
    if (!cone.of_register() && std::ranges::any_of(wrong, is_end)) continue;
    ++unexplained;
    for (const auto& [key, found] : lines) {
      const auto [at, added] = pieces.try_emplace(key, Piece{.found = found});
      at->second.found.distance = std::min(at->second.found.distance, found.distance);
      ++at->second.wrong;
    }
  }
  for (const std::string& path : right) {
    for (const auto& [key, found] : Cone(netlist, watched).behind(path)) {
      if (const auto at = pieces.find(key); at != pieces.end()) ++at->second.right;
    }
  }
  // A line is as suspicious as the most suspicious of the instances that have it.
  std::map<std::pair<std::string, int>, RtlLine> lines;
  for (const auto& [key, piece] : pieces) {
    const auto explained = static_cast<double>(piece.wrong);
    const RtlLine line{.file = key.file,
                       .line = key.line,
                       .module = piece.found.module,
                       .text = line_of(key.file, key.line),
                       .constant = piece.found.constant,
                       .distance = piece.found.distance,
                       .operators = piece.found.operators,
                       .suspicion = explained / std::sqrt(static_cast<double>(unexplained) *
                                                          (explained + static_cast<double>(piece.right)))};
    const auto [at, added] = lines.try_emplace({key.file, key.line}, line);
    if (!added && line.weight() > at->second.weight()) at->second = line;
  }
  std::vector<RtlLine> sorted;
  sorted.reserve(lines.size());
  for (auto& [place, line] : lines) sorted.push_back(std::move(line));
  std::ranges::stable_sort(sorted, std::greater<>{}, &RtlLine::weight);
  return sorted;
}

std::vector<RtlLine> suspected_lines(Netlist& netlist, const port::PinMap& pins,
                                     const std::vector<check::Mismatch>& first) {
  std::set<std::string> watched;
  for (const port::RegisterBank& bank : pins.registers) {
    // A word of a memory is compared when the golden writes it: one that was written by mistake is seen when it is
    // read.
    if (bank.depth == 0) watched.insert(bank.path.begin(), bank.path.end());
  }
  std::vector<std::string> wrong;
  for (const check::Mismatch& mismatch : first) {
    if (mismatch.checker == check::Checker::tensor) continue;
    std::string path = mismatch.signal;  // without the word, lane or part behind it
    while (path.ends_with(']') && !watched.contains(path)) path.resize(path.rfind('['));
    if (std::ranges::find(wrong, path) == wrong.end()) wrong.push_back(std::move(path));
  }
  std::vector<std::string> right;
  const auto add_right = [&](const std::string& path) {
    if (std::ranges::find(wrong, path) == wrong.end()) right.push_back(path);
  };
  for (const port::OutPin& pin : pins.watched) add_right(pin.name);
  for (const port::RegisterBank& bank : pins.registers) {
    for (std::size_t i = 0; i < std::min(bank.path.size(), kMostOfABank); ++i) add_right(bank.path[i]);
  }
  return lines_behind(netlist, wrong, right, [&watched](const std::string& path) { return watched.contains(path); });
}

std::vector<RtlLine> with_repairs(std::vector<RtlLine> lines, const std::vector<RepairedLine>& repaired) {
  for (const RepairedLine& one : repaired) {
    const std::filesystem::path file = one.file;
    const auto at = std::ranges::find_if(
        lines, [&](const RtlLine& line) { return line.line == one.line && line.file.filename() == file.filename(); });
    if (at != lines.end()) {
      at->repair = one.weight;
      continue;
    }
    lines.push_back(
        {.file = file, .line = one.line, .module = one.module, .text = line_of(file, one.line), .repair = one.weight});
  }
  std::ranges::stable_sort(lines, std::greater<>{}, &RtlLine::weight);
  return lines;
}

std::vector<std::string> modules_of(const std::vector<RtlLine>& lines) {
  std::map<std::string, double> sums;
  for (const RtlLine& line : lines) {
    constexpr double kFurther = 0.02;  // of a line that is not the module's likeliest
    double& sum = sums[line.module];
    sum = std::max(sum, line.weight()) + kFurther * std::min(sum, line.weight());
  }
  std::vector<std::pair<double, std::string>> ranked;
  ranked.reserve(sums.size());
  for (const auto& [module, sum] : sums) ranked.emplace_back(sum, module);
  std::ranges::sort(ranked, std::greater<>{});
  std::vector<std::string> modules;
  modules.reserve(ranked.size());
  for (auto& [sum, module] : ranked) modules.push_back(std::move(module));
  return modules;
}

}  // namespace systole::debug
