// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "debug/repair.h"

namespace systole::debug {
namespace {

/// Of source files, read once; comments left out. [0] is empty.
class SourceTexts {
 public:
  const std::vector<std::string>& of(const std::string& file) {
    auto [at, added] = files_.try_emplace(file);
    if (added) {
      at->second.emplace_back();
      std::ifstream in(file);
      for (std::string line; std::getline(in, line);) at->second.push_back(line.substr(0, line.find("//")));
    }
    return at->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

/// Whether the name stands in the text by itself.
bool names(const std::string& text, const std::string& name) {
  const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || !part(text[at - 1]);
    const std::size_t end = at + name.size();
    if (begins && (end >= text.size() || !part(text[end]))) return true;
  }
  return false;
}

/// Whether the text assigns to it.
bool assigns(const std::string& text, const std::string& name) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.find("==") == equals) return false;
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; ++at) {
    if (names(text.substr(at), name)) {
      const std::size_t next = text.find_first_of("=;", at);
      if (next != std::string::npos && text[next] == '=' && (next + 1 >= text.size() || text[next + 1] != '='))
        return true;
    }
  }
  return false;
}

/// How likely somebody was wrong in that way: what has few alternatives is more than what is one of many.
double prior(Change change) {
  switch (change) {
    case Change::connect:
      return 1.5;
    case Change::term:
      return 0.9;
    case Change::take_a:
    case Change::take_b:
      return 1.2;
    case Change::other_op:
      return 1.0;
    case Change::operand:
    case Change::plus:
    case Change::minus:
    case Change::swap:
      return 0.8;
    case Change::flip:
      return 0.6;
    case Change::set0:
    case Change::set1:
    case Change::hold:
      return 0.5;
    case Change::zeros:
    case Change::ones:
      return 0.4;
  }
  return 0;
}

/// Gathers the lines.
class LinesOfRepairs {
 public:
  explicit LinesOfRepairs(const WordNetlist& netlist) : netlist_(netlist) {}

  void add(const Repair& repair);
  [[nodiscard]] std::vector<RepairedLine> sorted() const;

 private:
  void add_kind(std::size_t kind, const Repair& repair, double weight);
  void add_port(const CellKind& kind, double weight);
  void add_line(const CellKind& kind, const std::string& file, int line, double weight);
  /// The signal of the source that a kind of cell drives, through others of its module; empty where there is none.
  [[nodiscard]] std::string signal_of(std::size_t kind) const;

  const WordNetlist& netlist_;
  SourceTexts texts_;
  std::map<std::pair<std::string, int>, RepairedLine> lines_;
};

void LinesOfRepairs::add_line(const CellKind& kind, const std::string& file, int line, double weight) {
  RepairedLine& one = lines_[{file, line}];
  one = {.file = file, .line = line, .module = kind.module, .weight = std::max(weight, one.weight)};
}

std::string LinesOfRepairs::signal_of(std::size_t kind) const {
  constexpr int kMostCells = 8;
  const std::string& module = netlist_.kinds()[kind].module;
  for (int i = 0; i < kMostCells && netlist_.kinds()[kind].module == module; ++i) {
    const CellKind& what = netlist_.kinds()[kind];
    if (!what.net.empty()) return what.net;
    const Cell& cell = netlist_.cells()[what.cells.front()];
    if (cell.y.empty() || netlist_.readers(cell.y[0]).empty()) break;
    kind = netlist_.cells()[index(netlist_.readers(cell.y[0]).front())].kind;
  }
  return {};
}

/// The line of the connection in that of an instance.
void LinesOfRepairs::add_port(const CellKind& kind, double weight) {
  const SourceRange& range = kind.source.front();
  const std::vector<std::string>& text = texts_.of(range.file);
  for (int line = range.first; line <= range.last && line < static_cast<int>(text.size()); ++line) {
    if (text[index(line)].find("." + kind.port + "(") == std::string::npos) continue;
    return add_line(kind, range.file, line, weight);
  }
  add_line(kind, range.file, range.first, weight);
}

/// Of a statement that goes over several lines, that of its condition, and where it assigns to the cell's signal.
void LinesOfRepairs::add_kind(std::size_t number, const Repair& repair, double weight) {
  constexpr double kCondition = 0.9;
  constexpr double kOneOfSeveral = 0.9;  // lines that assign, where nothing says which of them
  const CellKind& kind = netlist_.kinds()[number];
  if (kind.source.empty()) return;
  if (!kind.port.empty()) return add_port(kind, weight);
  const SourceRange &narrow = kind.source.front(), &wide = kind.source.back();
  const bool selects = repair.port == kS && repair.kind == number;
  const bool one_line = narrow.first == narrow.last;
  if (one_line) add_line(kind, narrow.file, narrow.first, selects || narrow == wide ? weight : kCondition * weight);
  if (selects || (narrow == wide && one_line)) return;
  const std::string signal = signal_of(number);
  const std::vector<std::string>& text = texts_.of(wide.file);
  std::vector<int> assigning;
  for (int line = wide.first; line <= wide.last && line < static_cast<int>(text.size()); ++line) {
    if (!signal.empty() && assigns(text[index(line)], signal)) assigning.push_back(line);
  }
  for (const int line : assigning)
    add_line(kind, wide.file, line, assigning.size() > 1 ? kOneOfSeveral * weight : weight);
  if (assigning.empty() && !one_line) add_line(kind, narrow.file, narrow.first, weight);
}

void LinesOfRepairs::add(const Repair& repair) {
  constexpr double kDriver = 0.95;  // of one that is read by nobody else, against its reader
  constexpr double kChoice = 0.4;   // of one input of a multiplexer for good, which is its condition held at a value
  const CellKind& kind = netlist_.kinds()[repair.kind];
  const bool choice = kind.op == Op::mux && (repair.change == Change::take_a || repair.change == Change::take_b);
  const double weight = weight_of(repair) * (choice ? kChoice : 1);
  if (!kind.source.empty()) return add_kind(repair.kind, repair, weight);
  // A cell of no line belongs to what stands beside it in its module.
  const Cell& cell = netlist_.cells()[kind.cells.front()];
  const auto beside = [&](int other, double share) {
    const std::size_t number = netlist_.cells()[index(other)].kind;
    if (netlist_.kinds()[number].module == kind.module) add_kind(number, repair, share * weight);
  };
  if (cell.y.empty() || cell.in[kA].empty()) return;
  const int driver = netlist_.driver(cell.in[kA][0]);
  if (driver >= 0 && netlist_.readers(cell.in[kA][0]).size() == 1) beside(driver, kDriver);
  for (const int reader : netlist_.readers(cell.y[0])) beside(reader, 1);
}

std::vector<RepairedLine> LinesOfRepairs::sorted() const {
  std::vector<RepairedLine> lines;
  for (const auto& [place, line] : lines_) lines.push_back(line);
  std::ranges::stable_sort(lines, std::greater<>{}, &RepairedLine::weight);
  return lines;
}

}  // namespace

double weight_of(const Repair& repair) {
  const double likely = prior(repair.change);
  constexpr double kSlack = 64;  // broken steps that halve it
  constexpr double kSomeInstances = 0.1, kInPart = 0.01, kBreaks = 0.1;
  if (!repair.explains()) return kInPart * repair.fixed * likely;
  if (!repair.only.empty()) return kSomeInstances * likely;
  if (repair.broken == 0) return likely;
  return kBreaks * likely / (1 + static_cast<double>(repair.broken) / kSlack);
}

std::vector<RepairedLine> lines_of(const WordNetlist& netlist, const std::vector<Repair>& repairs) {
  LinesOfRepairs lines(netlist);
  for (const Repair& repair : repairs) lines.add(repair);
  return lines.sorted();
}

}  // namespace systole::debug
