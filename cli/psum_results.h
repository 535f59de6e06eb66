// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `systole study psum` has found out, as tables and plots.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/study_output.h"
#include "golden/model/network.h"
#include "golden/study/psum_study.h"
#include "golden/study/width_search.h"
#include "sim/session/session.h"

namespace systole::cli {

/// One line of the sweep.
struct PsumPoint {
  study::Widths widths;  ///< one per layer that accumulates
  study::LimitedRun run;
  std::optional<session::RunReport> rtl;

  /// "18", or "18 16 17 16 17" where the layers differ.
  [[nodiscard]] base::Figure name() const;
};

/// One line of the searches.
struct PsumFound {
  std::string search;
  study::Cost cost;
  std::int64_t correct = 0;
};

/// Everything that the command has found out.
struct PsumResults {
  const model::Network& network;
  study::PsumStudy& study;
  std::int64_t images;
  std::vector<PsumPoint> sweep;
  std::vector<PsumFound> found;
  bool labelled = true;  ///< the images have labels
  bool proved = true;    ///< the search per layer ended by itself

  [[nodiscard]] const std::string& name(std::size_t layer) const {
    return network.nodes[study.layers()[layer].node].layer.name;
  }
  [[nodiscard]] double percent(std::int64_t correct) const {
    return 100 * static_cast<double>(correct) / static_cast<double>(images);
  }
};

/// A line per layer: how many partial sums, their range, the width that leaves them alone; last, all layers together.
base::Table layers_table(const PsumResults& r);

/// The bins of every layer, then those of the whole network.
base::Table histogram_table(const PsumResults& r);
StudyPlot histogram_plot(const PsumResults& r);

/// Accuracy and energy at each width, and what the RTL said where it ran.
base::Table sweep_table(const PsumResults& r, op::PsumOrder order, bool with_rtl);
StudyPlot accuracy_plot(const PsumResults& r);

/// How many images raised a flag, a line per layer and a column per width.
base::Table overflow_summary(const PsumResults& r);
/// The same with the number of flags, a line per width and layer.
base::Table overflow_table(const PsumResults& r);

/// The searches' widths.
base::Table search_table(const PsumResults& r);

}  // namespace systole::cli
