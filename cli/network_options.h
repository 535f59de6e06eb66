// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options that several commands have which make or study networks: images to choose by, how to prune, what to keep.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/op/tensor.h"
#include "golden/quant/prune.h"
#include "sim/session/labelled_images.h"

namespace systole::cli {

/// The images that a quantizer chooses its scales by.
struct CalibrationOptions {
  std::int64_t count = 200;
  std::string dataset;  ///< empty: that of drawn digits, or the images that are measured on
  /// The data set's description; `measured` is the one that accuracies are measured on.
  [[nodiscard]] std::string chosen(const std::string& measured) const {
    if (!dataset.empty()) return dataset;
    return measured.starts_with("glyphs") ? "glyphs:calibration" : measured;
  }
  [[nodiscard]] std::vector<op::Tensor> load(const std::string& measured, const model::Shape& wanted) const {
    return session::first_images(chosen(measured), count, wanted);
  }
};
/// --calibration-images and --calibration-dataset; `chosen`: what is chosen on them.
void add_calibration_options(CLI::App& command, CalibrationOptions& calibration, const std::string& chosen,
                             const std::string& dataset_description = "Data set of the calibration images");

/// --target of the studies that look for the smallest network.
struct AccuracyTargets {
  std::vector<double> percents;
  /// As parts of 1; by default 0.5, 1 and 2 points below what the float network has.
  [[nodiscard]] std::vector<double> of(double real) const;
};
void add_target_option(CLI::App& command, AccuracyTargets& targets);

/// --by: what a filter is pruned by.
struct PruneByOption {
  std::string name = "filter";
  [[nodiscard]] quant::PruneBy by() const {
    return name == "filter" ? quant::PruneBy::filter : quant::PruneBy::channel;
  }
};
void add_prune_by_option(CLI::App& command, PruneByOption& by);

}  // namespace systole::cli
