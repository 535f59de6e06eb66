// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options that several commands have, declared once: images to measure on, images to choose by, how to prune.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/op/tensor.h"
#include "golden/quant/prune.h"
#include "sim/session/labelled_images.h"
#include "sim/session/session.h"

namespace systole::cli {

/// --images and --dataset.
struct ImageOptions {
  std::int64_t count = 1000;
  std::string dataset = "glyphs";
  [[nodiscard]] session::LabelledImages open(const model::Shape& wanted) const { return {dataset, count, wanted}; }
};
void add_image_options(CLI::App& command, ImageOptions& images,
                       const std::string& description = "Images that accuracies are measured on");

/// --dataset alone.
void add_dataset_option(CLI::App& command, std::string& dataset);

/// What --input takes (dataset::read_input).
inline constexpr const char* kInputFiles =
    "images (.png, .bin, .npy of uint8), elements (.npy of int8, int32) or real values (.npy of float32)";

/// --input and --dataset of a command that goes by the network's samples without them (NetworkImages).
void add_input_options(CLI::App& command, std::vector<std::string>& files, std::string& dataset);
/// The same of a command that reads one input.
void add_input_options(CLI::App& command, std::string& file, std::string& dataset);

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

/// --check, --stall, --seed of the commands that run the RTL.
struct CheckingOptions {
  std::string check = "pe", stall = "none";
  void settle(session::RunOptions& options) const;
};
void add_checking_options(CLI::App& command, CheckingOptions& checking, std::uint64_t& seed);

/// For options that take a number of 0 or more. CLI11's own check lets NaN pass and prints the largest double in full.
CLI::Validator not_negative();

}  // namespace systole::cli
