// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/concat.h"

#include "golden/op/validate.h"

namespace systole::fast {

void Concat::accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                        RunStats* stats) const {
  const op::Layer& l = layer();
  const std::int64_t low = fixed::psum_min(op::clamp_bits(l));
  const std::int64_t high = fixed::psum_max(op::clamp_bits(l));
  const Eigen::Index pixels = inputs[0]->data.rows();
  Eigen::Index first = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const op::ConcatInput& part = l.concat[i];
    for (Eigen::Index pixel = 0; pixel < pixels; ++pixel) {
      for (Eigen::Index channel = 0; channel < part.channels; ++channel) {
        const std::int64_t value = std::int64_t{inputs[i]->data(pixel, channel)} - part.zero;
        const std::int64_t column = fixed::saturate(value, low, high);
        if (column != value) workspace.overflow[static_cast<std::size_t>(first + channel)] = 1;
        acc[pixel * l.out_c + first + channel] =
            static_cast<std::int32_t>(fixed::round_shift_floor(column, part.align));
      }
    }
    first += part.channels;
  }
  if (l.saturate && stats != nullptr) stats->observe(acc, pixels * l.out_c);
}

}  // namespace systole::fast
