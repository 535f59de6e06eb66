// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/dot_products.h"

#include <algorithm>
#include <cstdlib>

#include "golden/op/validate.h"

namespace systole::fast {
namespace {

std::int64_t largest_magnitude(const op::Matrix& levels) { return levels.cwiseAbs().maxCoeff(); }

/// Whether sum(|a| * |w|) of every output channel stays within the clamp, so that no partial sum can touch it.
bool within_clamp(const op::Layer& layer, const op::Matrix& levels, std::int64_t largest) {
  const std::int64_t bound = fixed::psum_max(op::clamp_bits(layer));
  const std::int64_t heaviest = levels.cwiseAbs().cast<std::int64_t>().rowwise().sum().maxCoeff();
  return heaviest * largest <= bound;
}

bool has_alignment(const op::Layer& layer) {
  return std::any_of(layer.align.begin(), layer.align.end(), [](int shift) { return shift != 0; });
}

}  // namespace

std::int64_t largest_activation(const op::Layer& layer, std::int32_t zero) {
  const op::ElementRange range = op::element_range(layer.act_signed, layer.act_bits);
  return std::max(std::abs(std::int64_t{range.low} - zero), std::abs(std::int64_t{range.high} - zero));
}

op::Matrix centred_levels(const op::Layer& layer) {
  return layer.weights.unaryExpr([&layer](std::int32_t weight) {
    const std::int32_t level = layer.codebook.empty() ? weight : layer.codebook[static_cast<std::size_t>(weight)];
    return level - layer.zero_wgt;
  });
}

DotProducts::DotProducts(const op::Layer& layer, std::int64_t channels, op::PsumOrder order)
    : DotProducts(layer, centred_levels(layer), channels, order) {}

DotProducts::DotProducts(const op::Layer& layer, const op::Matrix& levels, std::int64_t channels, op::PsumOrder order)
    : float_product_(levels.transpose(), largest_activation(layer, layer.zero_in)),
      ordered_sum_(layer, levels.transpose(), channels,
                   largest_activation(layer, layer.zero_in) * largest_magnitude(levels), order),
      saturate_(layer.saturate),
      order_free_(float_product_.worthwhile() && !has_alignment(layer) &&
                  within_clamp(layer, levels, largest_activation(layer, layer.zero_in))) {}

}  // namespace systole::fast
