// Quantizes a float network to int8 and prints what that costs in accuracy.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "golden/model/network_file.h"
#include "golden/quant/affine.h"
#include "models/dataset/accuracy.h"

namespace {

struct Options {
  std::string from, to, calibration = "glyphs:calibration", test = "glyphs:test";
  std::int64_t calibration_count = 500, test_count = 10000;
};

void quantize(const Options& options) {
  const auto calibration = systole::dataset::open_dataset(options.calibration);
  std::vector<systole::op::Tensor> images;
  for (std::int64_t i = 0; i < options.calibration_count; ++i) images.push_back(calibration->at(i).pixels);
  const auto from = systole::model::load_float_network(options.from);
  const auto to = systole::quant::quantize_affine(from, images);
  systole::model::save_network(to, options.to);
  const auto test = systole::dataset::open_dataset(options.test);
  fmt::print("float {:.2f} %\n", 100 * systole::dataset::accuracy(from, *test, 0, options.test_count));
  fmt::print("int8  {:.2f} %\n", 100 * systole::dataset::accuracy(to, *test, 0, options.test_count));
}

/// Exit code of the tool; a wrong command line is CLI11's to report.
int run(int argc, char** argv) {
  CLI::App app("Quantizes a float network to int8 (symmetric per-channel weights, asymmetric activations)");
  Options options;
  app.add_option("from", options.from, "folder of the float network")->required();
  app.add_option("to", options.to, "folder of the integer network to write")->required();
  app.add_option("--calibration", options.calibration, "data set of the calibration images")->capture_default_str();
  app.add_option("--calibration-count", options.calibration_count)
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--test", options.test, "data set that the accuracy is measured on")->capture_default_str();
  app.add_option("--test-count", options.test_count)->capture_default_str()->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  quantize(options);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "quantize_affine: %s\n", problem.what());
    return 2;
  }
}
