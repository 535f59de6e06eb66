// SPDX-License-Identifier: Apache-2.0
#pragma once
// Speed of the checks, measured side by side.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/table.h"
#include "cli/bench/resnet8.h"

namespace systole::bench {

/// One way of running the same commands.
struct BenchRow {
  std::string name;              ///< key of `ratios` in the report
  double cycles_per_second = 0;  ///< median over the rounds
  double ratio = 0;              ///< median over the rounds of (this / bare of the same round and commands)
};

struct BenchResult {
  std::vector<BenchRow> rows;                                    ///< bare first
  double golden_macs_per_second = 0, float_macs_per_second = 0;  ///< Eigen's float product on the same shapes
  double lenet_images_per_second = 0;
  EndToEnd resnet8;
  std::string icarus_absence;  ///< why there is no row `icarus`; empty where there is one
};

/// Called before the first measurement and after each: how many of how many are done.
using BenchProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Runs a convolution of 64 channels on the 8x8 array in every variant, `rounds` times in turn, so that a change of the
/// machine's clock or load, or another placement in memory, meets all of them; Icarus, too slow for it, a
/// layer of the size of LeNet's fc2, which the bare model runs for its ratio. Throws base::InputError where the
/// default configuration is not built in all its trace formats and base::Interrupted on SIGINT.
BenchResult run_bench(int rounds, const BenchProgress& progress = {});

/// The rows.
base::Table bench_table(const BenchResult& result);
/// They and what else was measured, for the terminal.
std::string bench_text(const BenchResult& result);
std::string bench_json(const BenchResult& result);

}  // namespace systole::bench
