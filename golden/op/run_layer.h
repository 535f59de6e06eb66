// SPDX-License-Identifier: Apache-2.0
#pragma once
// One layer by the specification.
#include <span>

#include "golden/op/layer.h"
#include "golden/op/psum.h"

namespace systole::op {

/// out[oh][ow][oc] of a layer from its inputs (height x width x channels each), value by value with the loops of
/// operators.h; `log` (if any) gets what the partial sums did. fast::run_layer gives the same, some hundred times
/// sooner. Throws std::invalid_argument where the layer (validate()), its order (check_order()) or the inputs
/// (check_inputs()) are not valid, and fixed::OverflowError where a partial sum leaves psum_width and the layer does
/// not declare `saturate`.
[[nodiscard]] Tensor run_layer(const Layer& layer, std::span<const Tensor* const> inputs,
                               PsumOrder order = PsumOrder::array, PsumLog* log = nullptr);

}  // namespace systole::op
