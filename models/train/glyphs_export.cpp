// SPDX-License-Identifier: Apache-2.0
// Writes drawn digits as two .npy files, PREFIX_images.npy (uint8 [count, 32, 32, 3]) and PREFIX_labels.npy (uint8
// [count]), so that the training in Python sees the very pixels that the C++ side draws.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/npy.h"
#include "models/dataset/dataset.h"

namespace {

void export_images(const std::string& split, std::int64_t first, std::int64_t count, const std::string& prefix) {
  const auto dataset = systole::dataset::open_dataset("glyphs:" + split);
  std::vector<std::uint8_t> images, labels;
  for (std::int64_t i = first; i < first + count; ++i) {
    const systole::dataset::Image image = dataset->at(i);
    for (const std::int32_t value : image.pixels.data.reshaped<Eigen::RowMajor>())
      images.push_back(static_cast<std::uint8_t>(value));
    labels.push_back(static_cast<std::uint8_t>(image.label));
  }
  const auto n = static_cast<std::size_t>(count);
  systole::base::write_npy(prefix + "_images.npy", {{n, 32, 32, 3}, std::move(images)});
  systole::base::write_npy(prefix + "_labels.npy", {{n}, std::move(labels)});
}

/// Exit code of the tool; a wrong command line is CLI11's to report.
int run(int argc, char** argv) {
  CLI::App app("Writes drawn digits for training");
  std::string split = "train", prefix;
  std::int64_t first = 0, count = 0;
  app.add_option("--split", split, "train, calibration or test")->capture_default_str();
  app.add_option("--first", first, "index of the first image")->capture_default_str()->check(CLI::NonNegativeNumber);
  app.add_option("count", count, "number of images")->required()->check(CLI::Range(1, 1'000'000));
  app.add_option("prefix", prefix, "path and start of the file names")->required();
  CLI11_PARSE(app, argc, argv);
  export_images(split, first, count, prefix);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "glyphs_export: %s\n", problem.what());
    return 2;
  }
}
