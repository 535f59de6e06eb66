// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/max_pool.h"

#include <algorithm>

#include "golden/fast/reach.h"
#include "golden/fast/tap_sum.h"
#include "golden/op/validate.h"

namespace systole::fast {

MaxPool::MaxPool(const op::Layer& layer) : Op(layer), shift_(align_by_channel(layer)) {}

/// What the array's columns deliver for every input pixel. The overflow flags are not set here: a pixel that no window
/// reads raises none.
const std::int32_t* MaxPool::columns(const op::Tensor& input, Workspace& workspace) const {
  const op::Layer& l = layer();
  const auto low = static_cast<std::int32_t>(fixed::psum_min(op::clamp_bits(l)));
  const auto high = static_cast<std::int32_t>(fixed::psum_max(op::clamp_bits(l)));
  const std::int64_t channels = l.in_c;
  std::int32_t* image = workspace.image_int.get(input.data.size());
  for (std::int64_t pixel = 0; pixel < input.data.rows(); ++pixel) {
    const std::int32_t* values = input.data.data() + pixel * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int32_t a = values[c] - l.zero_in;
      image[pixel * channels + c] = std::clamp(a, low, high) >> shift_[static_cast<std::size_t>(c)];
    }
  }
  return image;
}

void MaxPool::accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                         RunStats* stats) const {
  const op::Layer& l = layer();
  const int b = op::clamp_bits(l);
  const std::int64_t channels = l.out_c;
  const bool can_clamp = l.act_bits > b;  // act - zero_in has act_bits bits besides the sign
  const std::int32_t* image = columns(*inputs[0], workspace);
  std::fill_n(acc, std::int64_t{l.out_h} * l.out_w * channels, static_cast<std::int32_t>(fixed::psum_min(b)));
  for_each_reach(l, [&](const Reach& reach) {
    for (int kh = reach.rows.first; kh < reach.rows.last; ++kh) {
      for (int kw = reach.cols.first; kw < reach.cols.last; ++kw) {
        const std::int64_t at = pixel(l, reach, kh, kw);
        const std::int32_t* tap = image + at * channels;
        for (std::int64_t c = 0; c < channels; ++c) acc[c] = std::max(acc[c], tap[c]);
        if (can_clamp) flag(inputs[0]->data.row(at).data(), workspace);
        if (l.saturate && stats != nullptr) stats->observe(acc, channels);
      }
    }
    acc += channels;
  });
}

/// Flags the channels of an input pixel whose column is clamped.
void MaxPool::flag(const std::int32_t* values, Workspace& workspace) const {
  const int b = op::clamp_bits(layer());
  for (std::int64_t c = 0; c < layer().in_c; ++c) {
    const bool overflow = fixed::clamp_psum(values[c] - layer().zero_in, b).overflow;
    workspace.overflow[static_cast<std::size_t>(c)] |= static_cast<std::int32_t>(overflow);
  }
}

}  // namespace systole::fast
