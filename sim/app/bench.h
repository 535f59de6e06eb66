#pragma once
// Speed of the checks, measured side by side.
#include <string>
#include <vector>

namespace systole::app {

/// One way of running the same commands.
struct BenchRow {
  std::string name;              ///< key of `ratios` in the report
  double cycles_per_second = 0;  ///< median over the rounds
  double ratio = 0;              ///< median over the rounds of (this / bare of the same round)
};

struct BenchResult {
  std::vector<BenchRow> rows;                                    ///< bare first
  double golden_macs_per_second = 0, float_macs_per_second = 0;  ///< Eigen's float product on the same shapes
  double lenet_images_per_second = 0;
};

/// Runs a convolution of 64 channels on the 8x8 array in every variant, `rounds` times in turn, so that a change of the
/// machine's clock or load meets all of them. Throws model::InputError where the default configuration is not built in
/// all its trace formats.
BenchResult run_bench(int rounds);

std::string bench_table(const BenchResult& result);
std::string bench_json(const BenchResult& result);

}  // namespace systole::app
