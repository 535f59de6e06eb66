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

std::vector<double> AccuracyTargets::of(double real) const {
  if (percents.empty()) return {real - 0.005, real - 0.01, real - 0.02};
  std::vector<double> targets;
  targets.reserve(percents.size());
  for (const double percent : percents) targets.push_back(percent / 100);
  return targets;
}

void add_target_option(CLI::App& command, AccuracyTargets& targets) {
  command
      .add_option("--target", targets.percents,
                  "Accuracy in % to keep, repeatable; by default 0.5, 1 and 2 points below the float network's")
      ->check(CLI::Range(0.0, 100.0))
      ->allow_extra_args(false);
}

}  // namespace systole::cli
