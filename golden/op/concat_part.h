// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "golden/op/layer.h"

namespace systole::op {

/// The depthwise layer with weight 1 that carries input `input` of a concatenation into its slice of the output; what
/// an array runs. Bias and per-channel parameters are the slice's. `layer` must be a valid concat.
[[nodiscard]] Layer concat_part(const Layer& layer, std::size_t input);

}  // namespace systole::op
