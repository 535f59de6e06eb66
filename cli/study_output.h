// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a study leaves behind: tables on the terminal, the same tables as CSV, and plots as SVG drawn by gnuplot.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace systole::cli {

/// Nothing (an empty cell), a word, a count, or a figure.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct StudyTable {
  std::string name;                       ///< of the file: NAME.csv
  std::vector<std::string> columns;       ///< with units where there are any: "size kB"
  std::vector<std::vector<Cell>> rows{};  ///< one cell per column
};

/// Columns aligned, words to the left and numbers to the right, figures with `decimals` decimals. Ends with a newline.
std::string terminal_table(const StudyTable& table, int decimals = 2);

/// RFC 4180 with line feeds: the header line, then the rows. Figures in the shortest form that reads back equal.
std::string csv_text(const StudyTable& table);

/// One line of a plot.
struct Curve {
  std::string title;
  std::vector<std::pair<double, double>> points;  ///< (x, y), in drawing order
};

struct StudyPlot {
  std::string name;  ///< of the file: NAME.svg
  std::string title, x_label, y_label;
  std::vector<Curve> curves;  ///< at least one, each with at least one point
  bool log_y = false;         ///< logarithmic: points with y <= 0 are left out
  bool steps = false;         ///< filled steps, for histograms; otherwise lines with points
};

/// The plot as SVG. Throws base::InputError where gnuplot is not installed or fails.
std::string svg_text(const StudyPlot& plot);

/// Throws base::InputError where write_study would: `folder` cannot be made or written to, or gnuplot is missing. To
/// be called before the work. Makes the folder.
void require_study_folder(const std::filesystem::path& folder);

/// Writes NAME.csv of each table and NAME.svg of each plot into `folder`; other files there stay. Throws
/// base::InputError, naming the file, when one cannot be written.
void write_study(const std::filesystem::path& folder, std::span<const StudyTable> tables,
                 std::span<const StudyPlot> plots);

}  // namespace systole::cli
