// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/tap_sum.h"

#include <algorithm>
#include <utility>

#include "golden/fast/dot_products.h"
#include "golden/fast/reach.h"
#include "golden/op/validate.h"

namespace systole::fast {

std::vector<std::int32_t> align_by_channel(const op::Layer& layer) {
  std::vector<std::int32_t> shift(static_cast<std::size_t>(layer.out_c), 0);
  if (layer.align.empty()) return shift;
  const int multiplier = layer.out_c / layer.in_c;
  for (int oc = 0; oc < layer.out_c; ++oc) {
    shift[static_cast<std::size_t>(oc)] = layer.align[static_cast<std::size_t>(oc / multiplier / layer.tile_channels)];
  }
  return shift;
}

TapSum::TapSum(const op::Layer& layer, op::Matrix taps)
    : layer_(layer),
      taps_(std::move(taps)),
      shift_(align_by_channel(layer)),
      low_(fixed::psum_min(op::clamp_bits(layer))),
      high_(fixed::psum_max(op::clamp_bits(layer))) {}

/// The image with its zero point removed, each channel repeated for the output channels that read it.
const std::int32_t* TapSum::spread_image(const op::Tensor& input, Workspace& workspace) const {
  const int multiplier = layer_.out_c / layer_.in_c;
  std::int32_t* image = workspace.image_int.get(std::int64_t{input.data.size()} * multiplier);
  if (multiplier == 1) {
    centre(input, layer_.zero_in, image);
    return image;
  }
  std::int32_t* next = image;
  for (Eigen::Index i = 0; i < input.data.size(); ++i) {
    next = std::fill_n(next, multiplier, input.data.data()[i] - layer_.zero_in);
  }
  return image;
}

void TapSum::add_tap(const std::int32_t* values, const std::int32_t* weights, std::int32_t* acc,
                     std::int32_t* overflow) const {
  const std::int64_t low = low_;
  const std::int64_t high = high_;
  const std::int32_t* shift = shift_.data();
  for (std::int64_t i = 0, lanes = layer_.out_c; i < lanes; ++i) {
    const std::int64_t product = std::int64_t{values[i]} * weights[i];
    const std::int64_t column = fixed::saturate(product, low, high);
    const std::int64_t sum = acc[i] + (column >> shift[i]);
    const std::int64_t clamped = fixed::saturate(sum, low, high);
    overflow[i] |= static_cast<std::int32_t>(column != product) | static_cast<std::int32_t>(clamped != sum);
    acc[i] = static_cast<std::int32_t>(clamped);
  }
}

/// What the clamp of the columns gives for one tap: products that stand alone.
void TapSum::see_columns(const std::int32_t* values, const std::int32_t* weights, Workspace& workspace,
                         PartialSums& every) const {
  std::int32_t* columns = workspace.narrow_lanes.get(layer_.out_c);
  for (std::int64_t i = 0; i < layer_.out_c; ++i) {
    columns[i] = static_cast<std::int32_t>(fixed::saturate(std::int64_t{values[i]} * weights[i], low_, high_));
  }
  every.see(columns, layer_.out_c);
}

void TapSum::run(const op::Tensor& input, std::int32_t* acc, Workspace& workspace, RunStats* stats) const {
  const int kernel_w = layer_.window.kernel_w;
  const std::int64_t channels = layer_.out_c;
  PartialSums* every = stats != nullptr ? stats->every : nullptr;
  const std::int32_t* image = spread_image(input, workspace);
  std::fill_n(acc, std::int64_t{layer_.out_h} * layer_.out_w * channels, 0);
  for_each_reach(layer_, [&](const Reach& reach) {
    for (int tap = 0; tap < taps_.rows(); ++tap) {
      const int kh = tap / kernel_w;
      const int kw = tap % kernel_w;
      if (reach.contains(kh, kw)) {
        const std::int32_t* values = image + pixel(layer_, reach, kh, kw) * channels;
        add_tap(values, taps_.row(tap).data(), acc, workspace.overflow.data());
        if (every != nullptr) see_columns(values, taps_.row(tap).data(), workspace, *every);
      }
      if (layer_.saturate && stats != nullptr) stats->observe(acc, channels);
      if (every != nullptr) every->add(acc, channels);
    }
    acc += channels;
  });
}

}  // namespace systole::fast
