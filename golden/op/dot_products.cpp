// SPDX-License-Identifier: Apache-2.0
#include "golden/op/dot_products.h"

#include <algorithm>
#include <cstdlib>

#include "golden/op/validate.h"

namespace systole::op {
namespace {

std::int64_t largest_magnitude(const Matrix& levels) { return levels.cwiseAbs().maxCoeff(); }

/// Whether sum(|a| * |w|) of every output channel stays within the clamp, so that no partial sum can touch it.
bool within_clamp(const Layer& layer, const Matrix& levels, std::int64_t largest) {
  const std::int64_t bound = fixed::psum_max(clamp_bits(layer));
  const std::int64_t heaviest = levels.cwiseAbs().cast<std::int64_t>().rowwise().sum().maxCoeff();
  return heaviest * largest <= bound;
}

bool has_alignment(const Layer& layer) {
  return std::any_of(layer.align.begin(), layer.align.end(), [](int shift) { return shift != 0; });
}

}  // namespace

std::int64_t largest_activation(const Layer& layer, std::int32_t zero) {
  const ElementRange range = element_range(layer.act_signed, layer.act_bits);
  return std::max(std::abs(std::int64_t{range.low} - zero), std::abs(std::int64_t{range.high} - zero));
}

Matrix centred_levels(const Layer& layer) {
  return layer.weights.unaryExpr([&layer](std::int32_t weight) {
    const std::int32_t level = layer.codebook.empty() ? weight : layer.codebook[static_cast<std::size_t>(weight)];
    return level - layer.zero_wgt;
  });
}

DotProducts::DotProducts(const Layer& layer, std::int64_t channels, PsumOrder order)
    : DotProducts(layer, centred_levels(layer), channels, order) {}

DotProducts::DotProducts(const Layer& layer, const Matrix& levels, std::int64_t channels, PsumOrder order)
    : float_product_(levels.transpose(), largest_activation(layer, layer.zero_in)),
      ordered_sum_(layer, levels.transpose(), channels,
                   largest_activation(layer, layer.zero_in) * largest_magnitude(levels), order),
      saturate_(layer.saturate),
      order_free_(float_product_.worthwhile() && !has_alignment(layer) &&
                  within_clamp(layer, levels, largest_activation(layer, layer.zero_in))) {}

}  // namespace systole::op
