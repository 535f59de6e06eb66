// SPDX-License-Identifier: Apache-2.0
#pragma once
// Static block floating point as its authors computed it: docs/schemes.md, section 5, "As published". Exponents here
// are the authors': e = floor(log2 |x|) of a block's largest value, a mantissa's step is 2^(e - (mantissa bits - 2)).
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/model/float_execute.h"
#include "golden/model/float_network.h"
#include "golden/quant/bfp.h"
#include "golden/quant/conversion.h"

namespace systole::quant {

/// floor(log2 |x|), within -2^(exponent_bits-1) .. 2^(exponent_bits-1) - 1; the lowest for 0.
int value_exponent(float x, int exponent_bits);

/// The step of a mantissa, as a power of two: exponent - (mantissa_bits - 2).
[[nodiscard]] constexpr int published_step(int exponent, int mantissa_bits) { return exponent - (mantissa_bits - 2); }

/// What a block of one exponent can hold: mantissas -(2^(mantissa_bits-1) - 2) .. 2^(mantissa_bits-1) - 2.
class PublishedGrid {
 public:
  PublishedGrid(int exponent, int mantissa_bits)
      : step_(std::ldexp(1.0, published_step(exponent, mantissa_bits))),
        per_step_(std::ldexp(1.0, -published_step(exponent, mantissa_bits))),
        largest_((1 << (mantissa_bits - 1)) - 2) {}

  /// x / step to the nearest, ties to even, clamped.
  [[nodiscard]] double mantissa(float x) const {
    return std::clamp(std::nearbyint(static_cast<double>(x) * per_step_), -largest_, largest_);
  }
  [[nodiscard]] float value(float x) const { return static_cast<float>(mantissa(x) * step_); }

 private:
  double step_, per_step_, largest_;
};

/// How an exponent is searched for.
struct SearchRule {
  int candidates = 3;     ///< exponents tried: the maximum's and those below it
  double bins = 128;      ///< of width (largest - smallest value) / bins; 0: 2^(5 - mantissa_bits)
  double epsilon = 1e-4;  ///< what smoothing gives an empty bin
};
inline constexpr SearchRule kActivationSearch{}, kLinearSearch{.candidates = 7, .bins = 0};
inline constexpr SearchRule kWeightSearch{.candidates = 2, .bins = 8, .epsilon = 1e-9};
inline constexpr SearchRule kDepthwiseSearch{.candidates = 3, .bins = 8, .epsilon = 1e-9};

/// The search for a block's exponent: the values' histogram against those of their quantized forms.
class PublishedSearch {
 public:
  /// For values within lowest .. highest, both of which occur.
  PublishedSearch(float lowest, float highest, int mantissa_bits, int exponent_bits, const SearchRule& rule);

  void add(float x);
  /// The first candidate of the smallest divergence sum p (log p - log q) of smoothed, normalised histograms. A
  /// candidate whose largest quantized value lies below floor(lowest) is left out, or whose smallest lies above
  /// ceil(highest). The maximum's exponent where there are no bins: all values are equal, or more than 2^24 bins would
  /// be needed.
  [[nodiscard]] int best() const;
  [[nodiscard]] int maximum() const { return maximum_; }

 private:
  using Histogram = std::vector<float>;
  void count(float x, Histogram& histogram) const;

  float lowest_, highest_;
  int maximum_;
  float left_, right_;  ///< limits of the histograms: floor(lowest), ceil(highest)
  float epsilon_;
  Histogram values_;                  ///< by bin
  std::vector<PublishedGrid> grids_;  ///< by candidate
  std::vector<Histogram> quantized_;  ///< by candidate, then bin
};

/// A network with weights and biases of block floating point, and the exponents that its tensors have.
struct PublishedBfp {
  model::FloatNetwork network;
  std::vector<std::vector<int>> activations;  ///< [node][block of channels]; none for pools and concatenations
  std::vector<std::vector<int>> weights;      ///< [node][filter * blocks + block of channels]; none without weights
  BfpOptions options;

  /// Quantizes what conv2d, depthwise and fully connected nodes compute, before their ReLU: the authors' arithmetic is
  /// model::FloatExecutor(network, as_quantized()). Refers to this object.
  [[nodiscard]] model::BeforeRelu as_quantized() const;
};

/// Weights: block = (filter, `group` channels), the maximum's exponent, below 2^2 without a search; a fully connected
/// row is one block with the maximum's. Biases: 16 fraction bits, ties to even. Activations: values before ReLU over
/// the calibration images of the float network, block = `group` channels (0: all). options.exponent = maximum takes the
/// maximum's everywhere. The image stays as it is; an add's exponent (docs/schemes.md) is there for integer networks,
/// as_quantized() leaves sums alone. `rows` has no meaning here. Throws base::InputError as quantize_bfp.
PublishedBfp quantize_bfp_as_published(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                                       const BfpOptions& options = {});

/// The integer network of these exponents, weights and biases. What the authors compute otherwise (ties to even; adds
/// and average pools that are not quantized; concatenations without a common exponent; biases finer than an
/// accumulator's unit) is rounded as quantize_bfp says: differing_values counts what that changes. Throws
/// base::InputError as quantize_bfp, and for a group: a filter then has several exponents, and the array shifts all
/// filters of a pass alike.
Quantized quantize_bfp(const PublishedBfp& published);

/// How many output values of a node have another value than the authors' arithmetic gives, over some images.
struct ValueCount {
  std::int64_t values = 0, differ = 0;
};

/// Per node; `integer` is quantize_bfp(published).
std::vector<ValueCount> differing_values(const PublishedBfp& published, const Quantized& integer,
                                         std::span<const op::Tensor> images);

}  // namespace systole::quant
