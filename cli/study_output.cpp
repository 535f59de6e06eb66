// SPDX-License-Identifier: Apache-2.0
#include "cli/study_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/csv.h"
#include "base/input_error.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/quote.h"
#include "base/temporary_folder.h"

namespace systole::cli {
namespace {

constexpr const char* kOwnerFile = "study.txt";  ///< which study of which network the folder holds

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

/// `decimals` < 0: the shortest text that reads back equal.
std::string text_of(const Cell& cell, int decimals) {
  if (const auto* word = std::get_if<std::string>(&cell)) return *word;
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *count);
  if (const auto* figure = std::get_if<double>(&cell))
    return decimals < 0 ? fmt::format("{}", *figure) : fmt::format("{:.{}f}", *figure, decimals);
  return {};
}

void check_rows(const StudyTable& table) {
  for (const auto& row : table.rows) {
    if (row.size() != table.columns.size()) throw std::logic_error("table " + table.name + ": a row of another length");
  }
}

/// A string of gnuplot's without escapes or markup: single quotes, doubled inside.
std::string gnuplot_string(const std::string& text) {
  std::string quoted = "'";
  for (const char c : base::terminal_text(text)) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string plot_script(const StudyPlot& plot) {
  std::string script = "set terminal svg size 900,560 enhanced background '#ffffff' font 'sans-serif,13'\n";
  script += fmt::format("set title {} noenhanced\nset xlabel {} noenhanced\nset ylabel {} noenhanced\n",
                        gnuplot_string(plot.title), gnuplot_string(plot.x_label), gnuplot_string(plot.y_label));
  script += "set grid linecolor '#dddddd'\nset key outside right top noenhanced\nset border 3\nset tics nomirror\n";
  if (plot.log_y) script += "set logscale y\n";
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    script += fmt::format("$curve{} << END\n", i);
    for (const auto& [x, y] : plot.curves[i].points) {
      if (!plot.log_y || y > 0) script += fmt::format("{} {}\n", x, y);
    }
    script += "END\n";
  }
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    script += fmt::format(
        "{}$curve{} using 1:2 with {} title {}", i == 0 ? "plot " : ", ", i,
        plot.steps ? "fillsteps fillstyle transparent solid 0.4" : "linespoints linewidth 2 pointtype 7 pointsize 0.6",
        gnuplot_string(plot.curves[i].title));
  }
  return script + "\n";
}

/// Empty where there is no such file.
std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// What gnuplot writes to its standard output. Throws base::InputError where it does not end with 0.
std::string run_gnuplot(const std::string& argument) {
  base::ProcessResult result = base::run_process({"gnuplot", argument});
  if (!result.succeeded) throw base::InputError("gnuplot", "", "failed, or is not installed (Debian: gnuplot-nox)");
  return std::move(result.output);
}

}  // namespace

std::string terminal_table(const StudyTable& table, int decimals) {
  check_rows(table);
  const std::size_t columns = table.columns.size();
  std::vector<std::size_t> width(columns);
  std::vector<bool> right(columns, false);
  for (std::size_t c = 0; c < columns; ++c) {
    width[c] = table.columns[c].size();
    for (const auto& row : table.rows) {
      width[c] = std::max(width[c], text_of(row[c], decimals).size());
      right[c] = right[c] || is_number(row[c]);
    }
  }
  std::string text;
  const auto line = [&](const auto& cell_text) {
    std::string cells;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string cell = cell_text(c);
      cells += c == 0 ? "" : "  ";
      cells += right[c] ? fmt::format("{:>{}}", cell, width[c]) : fmt::format("{:<{}}", cell, width[c]);
    }
    text += cells.erase(cells.find_last_not_of(' ') + 1) + "\n";
  };
  line([&](std::size_t c) { return table.columns[c]; });
  for (const auto& row : table.rows) line([&](std::size_t c) { return text_of(row[c], decimals); });
  return text;
}

std::string csv_text(const StudyTable& table) {
  check_rows(table);
  std::string text;
  const auto line = [&](const auto& cell_text) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (c > 0) text += ',';
      text += base::csv_field(cell_text(c));
    }
    text += "\n";
  };
  line([&](std::size_t c) { return table.columns[c]; });
  for (const auto& row : table.rows) line([&](std::size_t c) { return text_of(row[c], -1); });
  return text;
}

std::string svg_text(const StudyPlot& plot) {
  const auto drawn = [&plot](const Curve& curve) {
    return std::any_of(curve.points.begin(), curve.points.end(),
                       [&](const auto& p) { return !plot.log_y || p.second > 0; });
  };
  if (plot.curves.empty() || !std::all_of(plot.curves.begin(), plot.curves.end(), drawn))
    throw std::logic_error("plot " + plot.name + ": a curve without points");
  const base::TemporaryFolder folder;
  base::write_file(folder / "script", plot_script(plot));
  return run_gnuplot(folder / "script");
}

StudyFolder::StudyFolder(std::filesystem::path folder, std::string_view study, const std::filesystem::path& network)
    : folder_(std::move(folder)),
      owner_(fmt::format("{} of {}", study, std::filesystem::weakly_canonical(network).string())) {
  if (folder_.empty()) return;
  std::error_code code;
  std::filesystem::create_directories(folder_, code);
  if (code) throw base::InputError(folder_.string(), "", "cannot be made: " + code.message());
  base::require_place_for(folder_ / kOwnerFile);
  const std::string found = first_line(folder_ / kOwnerFile);
  if (!std::filesystem::is_empty(folder_) && found != owner_) {
    throw base::InputError(folder_.string(), "",
                           "expected a new folder or one of study " + owner_ + ", found " +
                               (found.empty() ? "other files" : "study " + found));
  }
  run_gnuplot("--version");
}

void StudyFolder::write(std::span<const StudyTable> tables, std::span<const StudyPlot> plots) const {
  if (folder_.empty()) return;
  base::write_file_at_once(folder_ / kOwnerFile, owner_ + "\n");
  for (const StudyTable& table : tables) base::write_file_at_once(folder_ / (table.name + ".csv"), csv_text(table));
  for (const StudyPlot& plot : plots) base::write_file_at_once(folder_ / (plot.name + ".svg"), svg_text(plot));
}

}  // namespace systole::cli
