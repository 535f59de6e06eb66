// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options that several commands have, declared once.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/session/labelled_images.h"
#include "sim/session/session.h"

namespace systole::cli {

/// --images and --dataset.
struct ImageOptions {
  std::int64_t count = 1000;
  std::string dataset = "glyphs";
  [[nodiscard]] session::LabelledImages open(const model::FloatNetwork& network) const {
    return {dataset, count, network};
  }
};
void add_image_options(CLI::App& command, ImageOptions& images,
                       const std::string& description = "Images that accuracies are measured on");

/// --dataset alone.
void add_dataset_option(CLI::App& command, std::string& dataset);

/// What --input takes (dataset::read_input).
inline constexpr const char* kInputFiles =
    "images (.png, .jpg, .bin, .npy of uint8), elements (.npy of int8, int32) or real values (.npy of float32)";

/// --input and --dataset of a command that goes by the network's samples without them (NetworkImages).
void add_input_options(CLI::App& command, std::vector<std::string>& files, std::string& dataset);
/// The same of a command that reads one input.
void add_input_options(CLI::App& command, std::string& file, std::string& dataset);

/// --check, --stall, --seed of the commands that run the RTL.
struct CheckingOptions {
  std::string check = "pe", stall = "none";
  void settle(session::RunOptions& options) const;
};
void add_checking_options(CLI::App& command, CheckingOptions& checking, std::uint64_t& seed);

/// --trace and --trace-file.
struct TraceOptions {
  std::string format;  ///< vcd, fst, or empty: no dump
  /// Throws base::InputError for `option` of a dump where none is asked for.
  void need_trace(const std::string& option) const;
  void settle(session::RunOptions& options) const;
};
void add_trace_options(CLI::App& command, TraceOptions& trace, std::filesystem::path& file, const std::string& what,
                       const std::string& where);

/// For options that take a number of 0 or more. CLI11's own check lets NaN pass and prints the largest double in full.
CLI::Validator not_negative();

}  // namespace systole::cli
