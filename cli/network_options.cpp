// SPDX-License-Identifier: Apache-2.0
#include "cli/network_options.h"

#include <fmt/format.h>

namespace systole::cli {

void add_calibration_options(CLI::App& command, CalibrationOptions& calibration, const std::string& chosen,
                             const std::string& dataset_description) {
  command.add_option("--calibration-images", calibration.count, fmt::format("Images that {} are chosen on", chosen))
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command.add_option(
      "--calibration-dataset", calibration.dataset,
      fmt::format("{} (glyphs:calibration; of another --dataset its own first images)", dataset_description));
}

void add_prune_by_option(CLI::App& command, PruneByOption& by) {
  command.add_option("--by", by.name, "Norm of a filter's own weights, or of the next layers' input channel")
      ->check(CLI::IsMember({"filter", "channel"}))
      ->capture_default_str();
}

}  // namespace systole::cli
