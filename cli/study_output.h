// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a study leaves behind: tables as CSV and plots as SVG drawn by gnuplot.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table.h"

namespace systole::cli {

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

/// Where the results of a study go: a folder of that study and no other, so that one study's tables never lie among
/// another's.
class StudyFolder {
 public:
  /// `study` of the network in `network`, into `folder`; nothing is written where that is empty. To be made before the
  /// work: throws base::InputError where `folder` cannot be made or written to or holds anything else, or gnuplot is
  /// missing. Makes the folder.
  StudyFolder(std::filesystem::path folder, std::string_view study, const std::filesystem::path& network);

  /// Writes NAME.csv of each table and NAME.svg of each plot, and study.txt, which says whose they are. Throws
  /// base::InputError, naming the file, when one cannot be written.
  void write(std::span<const base::Table> tables, std::span<const StudyPlot> plots) const;

 private:
  std::filesystem::path folder_;
  std::string owner_;  ///< what study.txt holds
};

}  // namespace systole::cli
