// SPDX-License-Identifier: Apache-2.0
// The sign-off as a page: the verdict, the numbers and the gates on the first screen, then a section a gate.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/counted.h"
#include "base/page.h"
#include "signoff/sheet/sheet.h"

namespace systole::signoff {
namespace {

using base::Look;
using base::Page;
using base::Table;
using base::Tone;

/// Longer tables are folded.
constexpr std::size_t kOpenRows = 25;
/// Wider maps have no numbers in their cells.
constexpr std::size_t kNumberedColumns = 20;
/// Of a hash, of which the whole is elsewhere.
constexpr std::size_t kShortHash = 12;

constexpr const char* kWaiversAnchor = "waivers";

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Tone::good;
    case Verdict::waived:
      return Tone::warning;
    case Verdict::not_applicable:
      return Tone::neutral;
    case Verdict::fail:
    case Verdict::stale:
    case Verdict::not_run:
      break;
  }
  return Tone::bad;
}

std::string gate_anchor(const std::string& gate) { return "gate-" + base::anchor_of(gate); }

std::string seconds_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string origin(const EvidenceFile& file) {
  return fmt::format("{} {}", file.file, file.seal.substr(0, kShortHash));
}

void add_numbers(Page& page, const Sheet& sheet) {
  std::vector<base::BigNumber> numbers;
  for (const std::string& name : sheet.numbers) {
    const auto gate = std::ranges::find(sheet.gates, name, &SheetGate::name);
    if (gate == sheet.gates.end() || !gate->file || gate->file->evidence.figures.empty()) continue;
    const Figure& figure = gate->file->evidence.figures.front();
    const std::string stale = gate->verdict == Verdict::stale ? "stale: " : "";
    numbers.push_back({figure.name, figure.value, stale + origin(*gate->file), gate_anchor(name)});
  }
  page.numbers(numbers);
}

std::vector<base::Cell> gate_row(const SheetGate& gate) {
  std::vector<base::Cell> row{gate.name, words(gate.verdict), {}, {}, {}, gate.why};
  if (!gate.file) return row;
  const Evidence& evidence = gate.file->evidence;
  if (!evidence.figures.empty()) row[2] = fmt::format("{}: {}", evidence.figures[0].name, evidence.figures[0].value);
  row[3] = static_cast<std::int64_t>(evidence.checked);
  row[4] = evidence.seconds;
  if (gate.why.empty()) row[5] = evidence.remark;
  return row;
}

void add_gates(Page& page, const Sheet& sheet) {
  Table table{"gates", {"gate", "verdict", "figure", "checked", "time s", "remark"}};
  for (const SheetGate& gate : sheet.gates) table.rows.push_back(gate_row(gate));
  page.table(
      table,
      [&sheet](std::size_t row, std::size_t column) {
        const SheetGate& gate = sheet.gates[row];
        if (column == 0) return Look{.anchor = gate_anchor(gate.name)};
        return column == 1 ? Look{.tone = tone_of(gate.verdict)} : Look{};
      },
      1);
}

/// In a fold of its own where it is long.
void add_table(Page& page, const Table& table, const Page::CellLook& look = {}) {
  const auto add = [&] { page.table(table, look); };
  if (table.rows.size() <= kOpenRows) return add();
  page.details(fmt::format("{}: {} rows", table.name, table.rows.size()), add);
}

/// A map in a fold of its own where it is long.
void add_map(Page& page, const Table& map) {
  if (map.name == kCycleShares) page.stacked(map, 1);
  const auto add = [&] { page.heat_map(map, map.columns.size() <= kNumberedColumns); };
  if (map.rows.size() <= kOpenRows) return add();
  page.details(fmt::format("{}: {} rows", map.name, map.rows.size()), add);
}

/// A row of the table of kills.
struct Kill {
  std::string mutant, program, level, other;
  /// The first word of a mutant's name.
  [[nodiscard]] std::string module() const { return mutant.substr(0, mutant.find(' ')); }
};

/// By the mutant's name, and so a module after the other.
std::vector<Kill> kills_of(const Table& table) {
  std::vector<Kill> kills;
  for (const auto& row : table.rows)
    kills.push_back({base::cell_text(row[0], 0), base::cell_text(row[1], 0), base::cell_text(row[2], 0),
                     base::cell_text(row[3], 0)});
  std::ranges::sort(kills, {}, &Kill::mutant);
  return kills;
}

/// Where each module's mutants are, light and dark in turn.
Page::Strip modules_of(const std::vector<Kill>& kills) {
  Page::Strip strip{.name = "modules", .parts = {}};
  for (std::size_t first = 0, last = 0; first < kills.size(); first = last) {
    while (last < kills.size() && kills[last].module() == kills[first].module()) ++last;
    strip.parts.push_back({.from = static_cast<double>(first),
                           .length = static_cast<double>(last - first),
                           .name = fmt::format("{}: {}", kills[first].module(), base::counted(last - first, "mutant")),
                           .step = strip.parts.size() % 2 == 0 ? 2 : 4});
  }
  return strip;
}

/// A strip a program, the one with most first kills first; a column a mutant.
void add_kills(Page& page, const Table& table) {
  constexpr int kAlone = Page::kStripSteps, kNotAlone = 3;
  const std::vector<Kill> kills = kills_of(table);
  std::map<std::string, Page::Strip> by_program;
  std::size_t alone = 0;
  for (std::size_t i = 0; i < kills.size(); ++i) {
    const Kill& kill = kills[i];
    const bool only = kill.other.empty();
    alone += only ? 1 : 0;
    by_program[kill.program].parts.push_back(
        {.from = static_cast<double>(i),
         .length = 1,
         .name = fmt::format("{}: seen by {}; {}", kill.mutant, kill.level,
                             only ? "no other program kills it" : "another: " + kill.other),
         .step = only ? kAlone : kNotAlone});
  }
  std::vector<Page::Strip> strips;
  for (auto& [program, strip] : by_program) {
    strip.name = fmt::format("{} {}", program, strip.parts.size());
    strips.push_back(std::move(strip));
  }
  std::ranges::stable_sort(strips, std::ranges::greater(), [](const Page::Strip& strip) { return strip.parts.size(); });
  strips.insert(strips.begin(), modules_of(kills));
  page.strips(fmt::format("Which program is the first to kill which mutant, with its kills: {} from left to right, by "
                          "module; dark are those that no other program kills: {}",
                          base::counted(kills.size(), "mutant"), alone),
              static_cast<double>(kills.size()), strips);
}

Look code_in_column(std::size_t column, std::size_t code) { return column == code ? Look{.code = true} : Look{}; }

/// Lines of a source keep their blanks and letters of one width.
Page::CellLook look_of(const Table& table) {
  const auto source = std::ranges::find(table.columns, "source");
  if (source == table.columns.end()) return {};
  const auto column = static_cast<std::size_t>(source - table.columns.begin());
  return [column](std::size_t, std::size_t at) { return code_in_column(at, column); };
}

void add_findings(Page& page, const Evidence& evidence) {
  Table open{"open findings", {"finding", "what"}}, waived{"waived findings", {"finding", "what", "reason"}};
  for (const Finding& finding : evidence.findings) {
    if (finding.waiver.empty()) {
      open.rows.push_back({finding.id, finding.text});
    } else {
      waived.rows.push_back({finding.id, finding.text, finding.waiver});
    }
  }
  const auto look = [](std::size_t, std::size_t column) { return code_in_column(column, 0); };
  if (!open.rows.empty()) add_table(page, open, look);
  if (!waived.rows.empty()) add_table(page, waived, look);
}

void add_figures(Page& page, const EvidenceFile& file) {
  Table table{"figures, of " + origin(file), {"figure", "value"}};
  for (const Figure& figure : file.evidence.figures) table.rows.push_back({figure.name, base::Figure{figure.value}});
  if (!table.rows.empty()) add_table(page, table);
}

/// What every number of the section comes from.
void add_origin(Page& page, const EvidenceFile& file) {
  const Evidence& evidence = file.evidence;
  page.paragraph({{"All of this is from "},
                  {file.file, {.code = true}},
                  {" with the seal "},
                  {file.seal, {.code = true}},
                  {fmt::format(", started {} UTC, found again by", evidence.started)}});
  page.preformatted(evidence.command);
  Table inputs{"inputs", {"input", "value or hash"}};
  for (const auto& [name, value] : evidence.inputs) inputs.rows.push_back({name, value});
  if (!inputs.rows.empty()) {
    add_table(page, inputs, [](std::size_t, std::size_t column) { return code_in_column(column, 1); });
  }
}

void add_gate(Page& page, const SheetGate& gate) {
  page.heading(2, gate.name, gate_anchor(gate.name));
  std::vector<base::Piece> line{{words(gate.verdict), {.tone = tone_of(gate.verdict)}}};
  if (!gate.why.empty()) line.push_back({" " + gate.why});
  page.paragraph(line);
  if (!gate.file) return;
  const Evidence& evidence = gate.file->evidence;
  page.paragraph(fmt::format("{} {} checked in {}.", evidence.checked, evidence.unit, seconds_text(evidence.seconds)));
  if (!evidence.remark.empty() && evidence.remark != gate.why) page.paragraph(evidence.remark);
  add_figures(page, *gate.file);
  add_findings(page, evidence);
  for (const Table& table : evidence.tables) {
    if (table.name == kKilledByPrograms && table.columns.size() == 4 && !table.rows.empty()) add_kills(page, table);
  }
  for (const Table& map : evidence.maps) add_map(page, map);
  for (const Table& table : evidence.tables) add_table(page, table, look_of(table));
  add_origin(page, *gate.file);
}

void add_since(Page& page, const Sheet& sheet) {
  if (!sheet.since) return page.paragraph("No earlier sign-off to compare with.");
  const Since& since = *sheet.since;
  page.paragraph({{fmt::format("Since the sign-off of {}, level {}, with the seal ", since.day, since.level)},
                  {since.seal.substr(0, kShortHash), {.code = true}},
                  {since.changes.empty() ? ": nothing changed." : ":"}});
  Table table{"changes", {"gate", "what", "before", "now"}};
  for (const auto& [gate, what, before, now] : since.changes) table.rows.push_back({gate, what, before, now});
  if (!table.rows.empty()) add_table(page, table);
}

void add_waivers(Page& page, const Sheet& sheet) {
  page.heading(2, "Waivers", kWaiversAnchor);
  if (sheet.waivers.empty()) return page.paragraph("None.");
  Table table{fmt::format("as of {}", sheet.today),
              {"gate", "finding", "reason", "owner", "expires", "void when changed", "module_sha256"}};
  for (const Waiver& waiver : sheet.waivers) {
    table.rows.push_back({waiver.gate, waiver.finding, waiver.reason, waiver.owner, waiver.expires, waiver.module,
                          waiver.module_sha256.substr(0, kShortHash)});
  }
  page.table(table, [&sheet](std::size_t row, std::size_t column) {
    if (column == 0) return Look{.anchor = gate_anchor(sheet.waivers[row].gate)};
    return Look{.code = column == 1 || column == 6};
  });
}

}  // namespace

std::string sheet_page(const Sheet& sheet) {
  Page page(fmt::format("Sign-off of {}, level {}", sheet.design, sheet.level));
  page.banner(tone_of(sheet.verdict), words(sheet.verdict), verdict_line(sheet));
  add_numbers(page, sheet);
  add_gates(page, sheet);
  add_since(page, sheet);
  page.contents();
  add_waivers(page, sheet);
  for (const SheetGate& gate : sheet.gates) add_gate(page, gate);
  return page.html();
}

}  // namespace systole::signoff
