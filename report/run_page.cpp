// SPDX-License-Identifier: Apache-2.0
#include "report/run_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "base/page.h"
#include "regress/json_file.h"
#include "sim/session/cycle_shares.h"

namespace systole::report {
namespace {

using base::Look;
using base::Page;
using base::Piece;
using base::Table;
using base::Tone;
using Json = nlohmann::ordered_json;

std::int64_t integer(const Json& json, const char* key) { return json.at(key).get<std::int64_t>(); }
std::string word(const Json& json, const char* key) { return json.at(key).get<std::string>(); }

/// Nothing for a layer that did not end, or a design with other counters.
std::optional<session::CycleShares> shares_of(const Json& layer) {
  const Json& counters = layer.at("counters");
  session::ShareCounters values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name(session::kShareCounters[i]);
    if (!counters.is_object() || !counters.contains(name)) return std::nullopt;
    values[i] = counters.at(name).get<double>();
  }
  return session::cycle_shares(values, layer.at("utilisation").get<double>() * values.front());
}

using Place = std::pair<std::size_t, std::size_t>;

/// The number behind `name` in "..g_row[3]..".
std::optional<std::size_t> index_in(std::string_view signal, std::string_view name) {
  const std::size_t at = signal.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t value = 0, digits = 0;
  for (std::size_t i = at + name.size(); i < signal.size() && signal[i] >= '0' && signal[i] <= '9' && digits < 4;
       ++i, ++digits)
    value = 10 * value + static_cast<std::size_t>(signal[i] - '0');
  return digits > 0 ? std::optional(value) : std::nullopt;
}

/// The cell that a signal belongs to.
std::optional<Place> cell_of(std::string_view signal) {
  const auto row = index_in(signal, "g_row["), column = index_in(signal, "g_col[");
  return row && column ? std::optional(Place(*row, *column)) : std::nullopt;
}

/// Rows and columns of "8x16"; at least what holds `cells`.
Place array_size(const std::string& configuration, const std::map<Place, std::int64_t>& cells) {
  constexpr std::size_t kMost = 256;
  Place size{0, 0};
  const std::size_t by = configuration.find('x');
  if (by != std::string::npos) {
    size.first = index_in(configuration, "").value_or(0);
    size.second = index_in(std::string_view(configuration).substr(by), "x").value_or(0);
  }
  for (const auto& [place, count] : cells) {
    size.first = std::max(size.first, place.first + 1);
    size.second = std::max(size.second, place.second + 1);
  }
  return {std::min(size.first, kMost), std::min(size.second, kMost)};
}

class RunWriter {
 public:
  explicit RunWriter(const Json& json)
      : j_(json), page_(fmt::format("Run of {} on {}", word(json, "network"), word(json, "configuration"))) {}

  std::string write() {
    verdict();
    numbers();
    page_.contents();
    failures();
    layers();
    cycles();
    cells();
    checkers();
    gaps();
    environment();
    return page_.html();
  }

 private:
  [[nodiscard]] bool passed() const { return word(j_, "outcome") == "passed"; }

  void verdict() {
    const std::string note =
        passed() ? fmt::format("{} values compared, none differs", integer(j_, "compared")) : word(j_, "detail");
    page_.banner(passed() ? Tone::good : Tone::bad, word(j_, "outcome"), note);
  }

  void numbers() {
    const auto seconds = j_.at("seconds").get<double>(), cycles = j_.at("cycles").get<double>();
    std::vector<base::BigNumber> numbers{{"images", std::to_string(integer(j_, "images")), "completed", ""},
                                         {"cycles", std::to_string(integer(j_, "cycles")), "", "cycles"},
                                         {"compared", std::to_string(integer(j_, "compared")),
                                          fmt::format("of {}", integer(j_, "expected_compared")), "checkers"},
                                         {"differ", std::to_string(integer(j_, "mismatches")), "values", "failures"}};
    if (integer(j_, "labels_known") > 0) {
      numbers.push_back({"labels met", std::to_string(integer(j_, "labels_met")),
                         fmt::format("of {}", integer(j_, "labels_known")), ""});
    }
    if (seconds > 0) numbers.push_back({"speed", fmt::format("{:.0f}", cycles / seconds), "cycles/s", "environment"});
    page_.numbers(numbers);
  }

  void failures() {
    page_.heading(2, "Failures", "failures");
    const Json& failures = j_.at("failures");
    if (failures.empty()) page_.paragraph(passed() ? "None." : "No value was seen to differ.");
    for (const Json& lines : failures) page_.preformatted(lines.get<std::string>());
    if (const std::string token = word(j_, "token"); !token.empty()) {
      page_.paragraph("The same failure again:");
      page_.preformatted("systole rerun " + token);
    }
  }

  void layers() {
    page_.heading(2, "Layers", "layers");
    Table table{"layers",
                {"layer", "kind", "shape", "MACs", "cycles", "utilisation %", "roofline %", "compared", "differ",
                 "psum min", "psum max"},
                {}};
    const auto percent = [](double share) { return share > 0 ? base::Cell(100 * share) : base::Cell(); };
    for (const Json& layer : j_.at("layers")) {
      table.rows.push_back({word(layer, "name"), word(layer, "kind"), word(layer, "shape"), integer(layer, "macs"),
                            integer(layer, "cycles"), percent(layer.at("utilisation").get<double>()),
                            percent(layer.at("roofline").get<double>()), integer(layer, "compared"),
                            integer(layer, "mismatches"), integer(layer, "psum_min"), integer(layer, "psum_max")});
    }
    constexpr std::size_t kDiffer = 8;
    page_.table(
        table,
        [&table](std::size_t row, std::size_t column) {
          const bool wrong = column == kDiffer && std::get<std::int64_t>(table.rows[row][column]) > 0;
          return wrong ? Look{.tone = Tone::bad} : Look{};
        },
        1);
  }

  void cycles() {
    page_.heading(2, "Where the cycles go", "cycles");
    Table table{"percent of a layer's cycles", {"layer"}, {}};
    table.columns.insert(table.columns.end(), session::kShareNames.begin(), session::kShareNames.end());
    for (const Json& layer : j_.at("layers")) {
      const auto shares = shares_of(layer);
      if (!shares) continue;
      std::vector<base::Cell>& row = table.rows.emplace_back();
      row.emplace_back(word(layer, "name"));
      row.insert(row.end(), shares->begin(), shares->end());
    }
    if (table.rows.empty()) return page_.paragraph("The design has no counters that say so.");
    page_.paragraph(
        "Ideal: every cell multiplies in every cycle. A row is the whole layer: what separates the ideal from the "
        "cycles that it took, by the design's counters.");
    page_.stacked(table, 1);
    page_.heat_map(table, true, 1);
  }

  void cells() {
    const Json& failure = j_.at("failure");
    if (failure.is_null()) return;
    page_.heading(2, "Cells with wrong values", "cells");
    std::map<Place, std::int64_t> cells;
    std::size_t elsewhere = 0;
    for (const std::string& signal : signals_of(failure)) {
      const std::optional<Place> place = cell_of(signal);
      if (place) {
        ++cells[*place];
      } else {
        ++elsewhere;
      }
    }
    page_.paragraph(
        fmt::format("Layer {}, image {}: registers that differ in the first wrong cycle, of which a report "
                    "has 16 at most; {} of them in no cell of the array.",
                    word(failure, "layer"), integer(failure, "image"), elsewhere));
    if (cells.empty()) return;
    const Place size = array_size(word(j_, "configuration"), cells);
    Table table{"wrong registers by row and column of the array", {"row"}, {}};
    for (std::size_t c = 0; c < size.second; ++c) table.columns.push_back(std::to_string(c));
    for (std::size_t r = 0; r < size.first; ++r) {
      std::vector<base::Cell>& row = table.rows.emplace_back();
      row.emplace_back(fmt::format("row {}", r));
      for (std::size_t c = 0; c < size.second; ++c) {
        const auto cell = cells.find({r, c});
        row.emplace_back(cell == cells.end() ? std::int64_t{0} : cell->second);
      }
    }
    page_.heat_map(table);
  }

  /// Names, each once.
  static std::set<std::string> signals_of(const Json& failure) {
    std::set<std::string> signals;
    for (const Json& signal : failure.at("first")) signals.insert(signal.get<std::string>());
    for (const char* end : {"origin", "detection"}) {
      if (!failure.at(end).is_null()) signals.insert(word(failure.at(end), "signal"));
    }
    return signals;
  }

  void checkers() {
    page_.heading(2, "Checkers", "checkers");
    std::map<std::string, std::vector<std::string>> by_checker;
    for (const Json& canary : j_.at("canaries")) {
      const auto text = canary.get<std::string>();
      by_checker[text.substr(0, text.find(' '))].push_back(text);
    }
    Table table{"checkers", {"checker", "looks at", "values compared", "kinds of values that saw a wrong bit"}, {}};
    for (const auto& [checker, compared] : j_.at("compared_by").items()) {
      const auto canaries = by_checker.find(checker);
      const std::size_t seen = canaries == by_checker.end() ? 0 : canaries->second.size();
      table.rows.push_back({checker, looks_at(checker), compared.get<std::int64_t>(), static_cast<std::int64_t>(seen)});
    }
    page_.table(table);
    page_.paragraph("Before the run each kind of values was shown one wrong expected bit.");
    if (by_checker.empty()) page_.paragraph({{"No checker was shown a wrong value.", {.tone = Tone::bad}}});
    page_.paragraph(fmt::format("{} values were compared; shapes and cycles say that there must be {}.",
                                integer(j_, "compared"), integer(j_, "expected_compared")));
    not_looked_at(word(j_, "check"));
  }

  /// As check::Checker says it.
  static std::string looks_at(const std::string& checker) {
    if (checker == "pins") return "every watched pin, each cycle";
    if (checker == "registers") return "watched registers inside, each cycle";
    if (checker == "outputs") return "every out beat";
    return checker == "tensor" ? "the output of each layer" : "";
  }

  /// What a higher check level would have compared.
  void not_looked_at(const std::string& level) {
    const std::string more = level == "all"  ? ""
                             : level == "pe" ? " Registers behind the cells were not compared (--check all)."
                                             : " No register inside the design was compared (--check pe, all).";
    std::vector<Piece> pieces{{"Check level: " + level + "."}};
    if (!more.empty()) pieces.push_back({more, {.tone = Tone::warning}});
    page_.paragraph(pieces);
  }

  void gaps() {
    page_.heading(2, "Not exercised", "gaps");
    std::map<std::string, std::vector<std::string>> missed;
    std::vector<std::string> order;
    std::size_t count = 0;
    for (const Json& item : j_.at("not_exercised")) {
      const auto text = item.get<std::string>();
      const std::string group = text.substr(0, text.find(':'));
      if (!missed.contains(group)) order.push_back(group);
      missed[group].push_back(group.size() + 2 < text.size() ? text.substr(group.size() + 2) : text);
      ++count;
    }
    const std::size_t all = count + j_.at("exercised").size();
    page_.paragraph(fmt::format("{} of {} met.", all - count, base::counted(all, "item")));
    Table table{"items that no image met", {"group", "items"}, {}};
    for (const std::string& group : order)
      table.rows.push_back({group, fmt::format("{}", fmt::join(missed[group], ", "))});
    if (!table.rows.empty()) page_.table(table);
    names("Layers that the design cannot run, left out", "skipped");
    names("Layers of which the design computes a part", "in_part");
    std::vector<std::string> unfinished;
    for (const Json& layer : j_.at("layers")) {
      if (integer(layer, "compared") == 0) unfinished.push_back(word(layer, "name"));
    }
    if (!unfinished.empty())
      page_.paragraph(fmt::format("Layers of which nothing was compared: {}.", fmt::join(unfinished, ", ")));
  }

  void names(const std::string& what, const char* key) {
    const Json& list = j_.at(key);
    if (list.empty()) return;
    Table table{what, {"layer and reason"}, {}};
    for (const Json& name : list) table.rows.push_back({name.get<std::string>()});
    page_.table(table);
  }

  void environment() {
    page_.heading(2, "Environment", "environment");
    Table table{"what ran", {"of", "is"}, {}};
    for (const char* key : {"network", "configuration", "kind", "check", "via", "stall"})
      table.rows.push_back({key, word(j_, key)});
    table.rows.push_back({"seed", std::to_string(j_.at("seed").get<std::uint64_t>())});
    table.rows.push_back({"lint warnings", std::to_string(integer(j_, "lint_warnings"))});
    table.rows.push_back({"SHA-256 of the RTL", word(j_, "rtl_sha256")});
    for (const auto& [tool, version] : j_.at("tools").items()) table.rows.push_back({tool, version.get<std::string>()});
    page_.table(table);
  }

  const Json& j_;
  Page page_;
};

}  // namespace

std::string run_page(const std::filesystem::path& file) {
  std::string page;
  regress::read_json_file(file, [&page](const Json& json) { page = RunWriter(json).write(); });
  return page;
}

}  // namespace systole::report
