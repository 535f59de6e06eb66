// SPDX-License-Identifier: Apache-2.0
#include "cli/study_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/quote.h"
#include "base/temporary_folder.h"

namespace systole::cli {
namespace {

constexpr const char* kOwnerFile = "study.txt";  ///< which study of which network the folder holds

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

void StudyFolder::write(std::span<const base::Table> tables, std::span<const StudyPlot> plots) const {
  if (folder_.empty()) return;
  base::write_file_at_once(folder_ / kOwnerFile, owner_ + "\n");
  for (const base::Table& table : tables) base::write_file_at_once(folder_ / (table.name + ".csv"), csv_text(table));
  for (const StudyPlot& plot : plots) base::write_file_at_once(folder_ / (plot.name + ".svg"), svg_text(plot));
}

}  // namespace systole::cli
