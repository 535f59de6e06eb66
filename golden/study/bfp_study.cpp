// SPDX-License-Identifier: Apache-2.0
#include "golden/study/bfp_study.h"

#include <algorithm>
#include <cstddef>

#include "golden/quant/conversion.h"

namespace systole::study {

namespace {

using quant::BfpExponent;
using quant::BfpOptions;

void add_both(BfpSweep& sweep, BfpOptions options) {
  for (const BfpExponent exponent : {BfpExponent::kl, BfpExponent::maximum}) {
    options.exponent = exponent;
    sweep.settings.push_back(options);
  }
}

template <class Measure>
std::vector<BfpOutcome> measure_all(std::span<const BfpOptions> settings, const Measure& measure,
                                    const Progress& progress) {
  std::vector<BfpOutcome> outcomes(settings.size());
  const auto step = [&](bool /*worker*/, std::int64_t i) {
    const auto place = static_cast<std::size_t>(i);
    outcomes[place] = measure(settings[place]);
    return true;
  };
  for_each_index(
      static_cast<std::int64_t>(settings.size()), [] { return true; }, step, progress);
  return outcomes;
}

}  // namespace

std::vector<BfpSweep> bfp_sweeps(std::span<const int> groups) {
  std::vector<BfpSweep> sweeps{{"mantissa", {}}, {"exponent", {}}, {"group", {}}};
  for (int bits = 5; bits <= 12; ++bits) add_both(sweeps[0], {.mantissa_bits = bits});
  for (int bits = 2; bits <= 9; ++bits) add_both(sweeps[1], {.exponent_bits = bits});
  for (const int group : groups) {
    const int rows = BfpOptions{}.rows;
    add_both(sweeps[2], {.group = group, .rows = group == 0 ? rows : std::min(group, rows)});
  }
  return sweeps;
}

std::vector<BfpOutcome> run_bfp_study(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                                      std::span<const quant::BfpOptions> settings,
                                      const std::function<double(const model::Network&)>& accuracy,
                                      const Progress& progress) {
  return measure_all(
      settings,
      [&](const BfpOptions& setting) -> BfpOutcome {
        const quant::Quantized made = quant::quantize_bfp(network, calibration, setting);
        return {accuracy(made.network), quant::parameter_bytes(made.network)};
      },
      progress);
}

std::vector<BfpOutcome> run_published_bfp_study(const model::FloatNetwork& network,
                                                std::span<const op::Tensor> calibration,
                                                std::span<const quant::BfpOptions> settings,
                                                const std::function<double(const quant::PublishedBfp&)>& accuracy,
                                                const Progress& progress) {
  return measure_all(
      settings,
      [&](const BfpOptions& setting) -> BfpOutcome {
        const quant::PublishedBfp made = quant::quantize_bfp_as_published(network, calibration, setting);
        return {accuracy(made), quant::parameter_bytes(made.network, setting.mantissa_bits)};
      },
      progress);
}

}  // namespace systole::study
