// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `systole import` is asked, and what it reports of any source.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/table_files.h"
#include "golden/format/network_folder.h"
#include "golden/import/import.h"

namespace systole::cli {

struct ImportArguments {
  std::string model, folder, report;
  std::vector<std::string> inputs, expected, samples;
  std::optional<int> random;
  std::int64_t tolerance = 0;  ///< steps that an answer may lie from the one expected
  std::optional<int> pixel_zero;
  std::optional<double> pixel_scale;
  TableFiles files;
};

inline constexpr int kRandomSamples = 8;  // where none are given

/// The network in a line, then a line for every operator of the source.
void print_steps(const std::string& name, const std::string& format, const model::Shape& input, std::size_t layers,
                 const std::vector<model::ImportStep>& steps);

/// A row for every operator of the source.
base::Table step_table(const std::vector<model::ImportStep>& steps);

/// Writes the report (docs/import.md), unless `file` is empty. `differences`: JSON text, or empty where nothing was
/// compared. Throws base::InputError where it cannot be written.
void write_report(const std::string& file, const std::string& source, const std::string& format,
                  const std::string& name, const std::vector<model::ImportStep>& steps, const std::string& differences);

}  // namespace systole::cli
