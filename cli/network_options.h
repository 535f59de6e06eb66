// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options that several commands have which make or study networks: images to choose by, how to prune.
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
  std::string dataset = "glyphs:calibration";
  [[nodiscard]] std::vector<op::Tensor> load(const model::Shape& wanted) const {
    return session::first_images(dataset, count, wanted);
  }
};
/// --calibration-images and --calibration-dataset; `chosen`: what is chosen on them.
void add_calibration_options(CLI::App& command, CalibrationOptions& calibration, const std::string& chosen,
                             const std::string& dataset_description = "Data set of the calibration images");

/// --by: what a filter is pruned by.
struct PruneByOption {
  std::string name = "filter";
  [[nodiscard]] quant::PruneBy by() const {
    return name == "filter" ? quant::PruneBy::filter : quant::PruneBy::channel;
  }
};
void add_prune_by_option(CLI::App& command, PruneByOption& by);

}  // namespace systole::cli
