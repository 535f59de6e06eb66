// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/fully_connected.h"

namespace systole::fast {

void FullyConnected::accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                                RunStats* stats) const {
  const op::Tensor& input = *inputs[0];
  if (dot_products_.order_free(stats)) {
    float* values = workspace.image.get(input.data.size());
    centre(input, layer().zero_in, values);
    dot_products_.run(values, 1, acc, workspace, stats);
  } else {
    std::int32_t* values = workspace.image_int.get(input.data.size());
    centre(input, layer().zero_in, values);
    dot_products_.run(values, 1, acc, workspace, stats);
  }
}

}  // namespace systole::fast
