// SPDX-License-Identifier: Apache-2.0
#pragma once
// Shapes: what operators make of one, maps of one dimension, and arithmetic on shapes as exporters leave it in a graph.
// Internal to this folder.
#include <cstdint>
#include <vector>

#include "golden/import/onnx/call.h"

namespace systole::model::onnx {

/// [n, c, l] as a map [n, c, 1, l]; any other shape as it is.
std::vector<std::int64_t> as_map(std::vector<std::int64_t> shape);

/// The axes of Squeeze, Unsqueeze and ReduceMean, an attribute or input 1, counted from 0 in ascending order, of `rank`
/// axes. Empty where none are given. Throws base::InputError.
std::vector<std::size_t> listed_axes(const Call& call, std::size_t rank);

/// What Squeeze and Unsqueeze make of a shape.
std::vector<std::int64_t> squeezed_shape(const Call& call, const std::vector<std::int64_t>& shape);
std::vector<std::int64_t> unsqueezed_shape(const Call& call, const std::vector<std::int64_t>& shape);

/// The axes that ReduceMean takes the mean over: all where none are given.
std::vector<std::size_t> reduced_axes(const Call& call, std::size_t rank);
/// Whether they stay, of extent 1.
bool keeps_axes(const Call& call);

/// The value of Shape: the extents from attribute `start` to `end`.
Array shape_value(const Call& call, const std::vector<std::int64_t>& shape);

}  // namespace systole::model::onnx
