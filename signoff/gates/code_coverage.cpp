// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/code_coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/forked.h"
#include "signoff/stimulus/play.h"

namespace systole::signoff {
namespace {

/// Not none: without stalls and with two channel slots, many_channels outlasts twice the bound of docs/timing.md,
/// section 9, and the watchdog ends it.
constexpr std::array kLineStalls{kernel::Stall::both, kernel::Stall::bursts};

/// One place that Verilator counts, in all instances of its module.
struct Point {
  std::string file;
  int line = 0, column = 0;
  std::string page;  ///< "line", "branch", "toggle"
  std::string name;  ///< "block", "if", "else", a bit
  std::vector<int> lines;
  std::uint64_t count = 0;
};

auto key_of(const Point& point) { return std::tie(point.file, point.line, point.column, point.page, point.name); }

/// "3,5-7".
std::vector<int> read_lines(const std::string& text) {
  std::vector<int> lines;
  std::istringstream ranges(text);
  for (std::string range; std::getline(ranges, range, ',');) {
    const std::size_t dash = range.find('-');
    const int first = std::stoi(range), last = dash == std::string::npos ? first : std::stoi(range.substr(dash + 1));
    for (int line = first; line <= last; ++line) lines.push_back(line);
  }
  return lines;
}

/// Of a line "C '\1KEY\2VALUE\1KEY\2VALUE...' COUNT"; nothing for another.
std::optional<Point> read_point(const std::string& line) {
  constexpr char kKey = '\1', kValue = '\2';
  const std::size_t end = line.rfind("' ");
  if (!line.starts_with("C '") || end == std::string::npos) return std::nullopt;
  Point point;
  point.count = std::stoull(line.substr(end + 2));
  std::istringstream entries(line.substr(3, end - 3));
  for (std::string entry; std::getline(entries, entry, kKey);) {
    const std::size_t at = entry.find(kValue);
    if (at == std::string::npos) continue;
    const std::string key = entry.substr(0, at), value = entry.substr(at + 1);
    if (key == "f") point.file = value;
    if (key == "l") point.line = std::stoi(value);
    if (key == "n") point.column = std::stoi(value);
    if (key == "o") point.name = value;
    if (key == "S") point.lines = read_lines(value);
    if (key == "page") point.page = value.substr(2, value.find('/') - 2);  // "v_line/ctrl"
  }
  return point;
}

/// Of all instances together, in one order.
std::vector<Point> read_points(const std::string& text) {
  std::vector<Point> points;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (auto point = read_point(line)) points.push_back(std::move(*point));
  }
  std::ranges::stable_sort(points, [](const Point& a, const Point& b) { return key_of(a) < key_of(b); });
  std::vector<Point> merged;
  for (Point& point : points) {
    if (merged.empty() || key_of(merged.back()) != key_of(point)) {
      merged.push_back(std::move(point));
    } else {
      merged.back().count += point.count;
    }
  }
  return merged;
}

/// In the order of the points.
std::string counts_of(const CodeCoverageQuestion& question, const Program& program, kernel::Stall stall) {
  const CountedModel model = question.make();
  const Played played = play(*model.dut, program, {.stall = stall});
  if (!passed(played)) throw std::runtime_error(problem_of(played));
  std::string counts;
  for (const Point& point : read_points(model.counts())) counts += fmt::format("{} ", point.count);
  return counts;
}

void add_counts(std::vector<Point>& points, const std::string& counts) {
  std::istringstream in(counts);
  for (Point& point : points) {
    std::uint64_t count = 0;
    in >> count;
    point.count += count;
  }
}

/// A source, with what was counted of it.
struct Source {
  std::vector<std::string> text;        ///< from line 1
  std::map<int, std::uint64_t> counts;  ///< of lines; of one with several points the most
  std::vector<const Point*> branches;
  std::int64_t bits = 0, toggled = 0;

  [[nodiscard]] std::string trimmed(int line) const {
    const std::string& whole = text.at(static_cast<std::size_t>(line) - 1);
    const std::size_t first = whole.find_first_not_of(" \t");
    return first == std::string::npos ? "" : whole.substr(first, whole.find_last_not_of(" \t\r") + 1 - first);
  }
  [[nodiscard]] std::int64_t run() const {
    return std::ranges::count_if(counts, [](const auto& line) { return line.second > 0; });
  }
  [[nodiscard]] std::int64_t taken() const {
    return std::ranges::count_if(branches, [](const Point* branch) { return branch->count > 0; });
  }
};

Source source_of(const CodeCoverageQuestion& question, const std::string& name, const std::vector<Point>& points) {
  Source source;
  std::ifstream in(question.folder / name);
  for (std::string line; std::getline(in, line);) source.text.push_back(line);
  for (const Point& point : points) {
    if (point.file != name && !point.file.ends_with("/" + name)) continue;
    if (point.page == "toggle") {
      ++source.bits;
      source.toggled += point.count > 0 ? 1 : 0;
      continue;
    }
    for (const int line : point.lines) source.counts[line] = std::max(source.counts[line], point.count);
    if (point.page == "branch" && (point.name == "if" || point.name == "else")) source.branches.push_back(&point);
  }
  return source;
}

/// Findings of one source. What is nowhere else in it is told by its text.
void add_findings(Evidence& evidence, const std::string& name, const Source& source) {
  std::map<std::string, int> same;
  const auto find = [&](std::string id, const std::string& text) {
    if (const int number = ++same[id]; number > 1) id += fmt::format(" ({})", number);
    evidence.findings.push_back({id, text, ""});
  };
  for (const auto& [line, count] : source.counts) {
    if (count == 0)
      find(fmt::format("code_coverage line {} '{}'", name, source.trimmed(line)),
           fmt::format("no program runs {}:{}", name, line));
  }
  for (const Point* branch : source.branches) {
    if (branch->count == 0)
      find(fmt::format("code_coverage branch {} {} of '{}'", name, branch->name, source.trimmed(branch->line)),
           fmt::format("no program takes the {} of {}:{}", branch->name, name, branch->line));
  }
}

base::Table annotated(const std::string& name, const Source& source) {
  base::Table table{.name = name, .columns = {"line", "runs", "source"}};
  for (std::size_t i = 0; i < source.text.size(); ++i) {
    const auto count = source.counts.find(static_cast<int>(i) + 1);
    table.rows.push_back({static_cast<std::int64_t>(i) + 1,
                          count == source.counts.end() ? base::Cell() : static_cast<std::int64_t>(count->second),
                          source.text[i]});
  }
  return table;
}

std::string share(std::int64_t part, std::int64_t all) {
  return fmt::format("{} of {} ({:.1f} %)", part, all,
                     all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

}  // namespace

Evidence cover_code(const CodeCoverageQuestion& question, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "code_coverage";
  evidence.unit = "lines and branches";
  const std::size_t runs = question.programs.size() * kLineStalls.size();
  const auto program_of = [&](std::size_t i) -> const Program& { return question.programs[i / kLineStalls.size()]; };
  const auto stall_of = [](std::size_t i) { return kLineStalls[i % kLineStalls.size()]; };
  const auto results = base::run_forked(
      runs, question.workers, [&](std::size_t i) { return counts_of(question, program_of(i), stall_of(i)); },
      kProgramLimit, counted_by(progress, runs));
  std::vector<Point> points = read_points(question.make().counts());
  for (std::size_t i = 0; i < runs; ++i) {
    if (results[i].ended) {
      add_counts(points, results[i].answer);
    } else {
      evidence.findings.push_back(
          {fmt::format("code_coverage run {} {}", program_of(i).name, to_string(stall_of(i))), results[i].problem, ""});
    }
  }
  base::Table modules{.name = "modules", .columns = {"source", "lines", "run", "branches", "taken", "bits", "toggled"}};
  std::vector<base::Table> sources;
  std::int64_t lines = 0, run = 0, branches = 0, taken = 0, bits = 0, toggled = 0;
  for (const std::string& name : question.sources) {
    const Source source = source_of(question, name, points);
    add_findings(evidence, name, source);
    sources.push_back(annotated(name, source));
    const auto all = static_cast<std::int64_t>(source.counts.size());
    const auto ifs = static_cast<std::int64_t>(source.branches.size());
    const auto reported = [&question](std::int64_t value) {
      return question.toggle ? base::Cell(value) : base::Cell();
    };
    modules.rows.push_back(
        {name, all, source.run(), ifs, source.taken(), reported(source.bits), reported(source.toggled)});
    lines += all, run += source.run(), branches += ifs, taken += source.taken();
    bits += source.bits, toggled += source.toggled;
  }
  evidence.checked = static_cast<std::uint64_t>(lines + branches);
  evidence.figures = {{"lines run", share(run, lines)}, {"branches taken", share(taken, branches)}};
  if (question.toggle) evidence.figures.push_back({"bits that changed", share(toggled, bits)});
  evidence.tables = std::move(sources);
  evidence.tables.insert(evidence.tables.begin(), std::move(modules));
  return evidence;
}

}  // namespace systole::signoff
