// SPDX-License-Identifier: Apache-2.0
#pragma once
// How short mantissas and shared exponents may be, and how large a block: the sweeps of static block floating point
// (Fan et al., FPT 2019). docs/studies.md.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/bfp.h"
#include "golden/quant/bfp_as_published.h"
#include "golden/study/parallel.h"

namespace systole::study {

/// Settings that differ in one number and, for each value of it, in how activation exponents are chosen.
struct BfpSweep {
  std::string name;                         ///< "mantissa", "exponent" or "group"
  std::vector<quant::BfpOptions> settings;  ///< for each value kl, then maximum
};

/// Mantissas of 5 .. 12 bits, shared exponents of 2 .. 9 bits, and the given block sizes in channels (0: the whole
/// tensor); what is not swept has the defaults of BfpOptions. A block of fewer channels than the array has rows is its
/// own ic tile (the golden runs it, an array of that many rows would), others are multiples of the rows.
std::vector<BfpSweep> bfp_sweeps(std::span<const int> groups);

/// What a setting makes of a network.
struct BfpOutcome {
  double accuracy = 0;     ///< as the caller's function measures it
  std::int64_t bytes = 0;  ///< of parameters
};

/// One outcome per setting, in their order. `accuracy` is called by several threads at once. Throws what quantize_bfp,
/// `accuracy` and `progress` throw; progress counts settings.
std::vector<BfpOutcome> run_bfp_study(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                                      std::span<const quant::BfpOptions> settings,
                                      const std::function<double(const model::Network&)>& accuracy,
                                      const Progress& progress = {});

/// The same in the authors' arithmetic (quant::quantize_bfp_as_published), which knows no rows.
std::vector<BfpOutcome> run_published_bfp_study(const model::FloatNetwork& network,
                                                std::span<const op::Tensor> calibration,
                                                std::span<const quant::BfpOptions> settings,
                                                const std::function<double(const quant::PublishedBfp&)>& accuracy,
                                                const Progress& progress = {});

}  // namespace systole::study
