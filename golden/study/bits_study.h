// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many bits an affine network needs: widths, zero points, ranges and what shares a scale, swept together
// (docs/studies.md).
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/quant/affine.h"

namespace systole::study {

/// One setting. `weights_only`: float activations, every weight replaced by what its code means.
struct BitsSetting {
  bool weights_only = false;
  quant::ScaleShare scale = quant::ScaleShare::channel;
  bool symmetric = false;  ///< of weights and activations
  bool optimal = false;    ///< range of least squared error, likewise
  int bits = 8;            ///< likewise: 4, 8, 12 or 16

  [[nodiscard]] quant::AffineOptions options() const;
};

/// Every setting with these widths: the last of BitsSetting's fields varies fastest.
std::vector<BitsSetting> bits_settings(const std::vector<int>& widths);

/// What a setting came to. Where the network cannot be quantized so, `problem` says why and the rest is empty.
struct BitsOutcome {
  std::string problem;
  double accuracy = 0;
  double sqnr = 0;         ///< dB at the network's output, over the calibration images
  std::int64_t bytes = 0;  ///< of the parameters: codes packed, four bytes a bias
  quant::RangeGain weights, activations;
  int sum_bits = 0;          ///< of the layer that asks for most, 0 for weights only; see quant::AffineNetwork
  double bits_given_up = 0;  ///< likewise
};

/// How accuracy is measured; any number of threads may call at once.
struct BitsAccuracy {
  std::function<double(const model::FloatNetwork&)> real;
  std::function<double(const model::Network&)> integer;
};

/// One float network under any number of settings.
class BitsStudy {
 public:
  /// Keeps `network` and `calibration` by reference; runs the calibration images. Throws base::InputError as
  /// quant::affine_calibration.
  BitsStudy(const model::FloatNetwork& network, std::span<const op::Tensor> calibration);

  /// Any number of threads may run settings at once. What the measuring functions throw leaves as it is.
  [[nodiscard]] BitsOutcome run(const BitsSetting& setting, const BitsAccuracy& accuracy) const;

 private:
  void run_weights_only(const quant::AffineOptions& options, const BitsAccuracy& accuracy, BitsOutcome& outcome) const;
  void run_integers(const quant::AffineOptions& options, const BitsAccuracy& accuracy, BitsOutcome& outcome) const;
  [[nodiscard]] double float_sqnr(const model::FloatNetwork& changed) const;

  const model::FloatNetwork& network_;
  std::span<const op::Tensor> calibration_;
  std::vector<quant::Distribution> distributions_;
};

}  // namespace systole::study
