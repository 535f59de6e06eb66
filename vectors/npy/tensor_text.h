// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tensors of an npy set have to do with each other, in words for its README.
#include <string>

#include "golden/op/layer.h"

namespace systole::vectors {

/// The formulas of docs/numerics.md, sections 3 and 4, with the numbers of this layer: psum from inputs, weights and
/// bias, output from psum. Lines with their ends, indented by two spaces.
[[nodiscard]] std::string tensor_formulas(const op::Layer& layer);

}  // namespace systole::vectors
