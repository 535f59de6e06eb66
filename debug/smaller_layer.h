// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parts of a layer that are layers themselves: what is left out is neither computed nor read.
#include <optional>
#include <vector>

#include "golden/op/layer.h"

namespace systole::debug {

/// A layer with its inputs.
struct LayerCase {
  op::Layer layer;
  std::vector<op::Tensor> inputs;
};

/// What of a layer is kept: rows, columns and taps from `first` on, `count` of them.
struct Part {
  int first = 0, count = 0;
};
struct Crop {
  Part out_h, out_w, kernel_h, kernel_w;
};
[[nodiscard]] Crop whole(const op::Layer& layer);

/// The pixels of the output and the taps of the window that `crop` keeps, with as much of the inputs as they reach.
/// Nothing where all of that lies in the padding.
[[nodiscard]] std::optional<LayerCase> cropped(const LayerCase& from, const Crop& crop);

/// The output channels of these numbers, in this order. A pool, an add, a depthwise layer keep their input channels of
/// the same numbers; a concatenation drops the inputs of which nothing is left. Nothing for a depthwise layer with
/// several channels of output for one of input, and for a concatenation of which one input would be left. Where the
/// tiles of the input have shifts of their own (align), a tile gets that of its first channel.
[[nodiscard]] std::optional<LayerCase> with_out_channels(const LayerCase& from, const std::vector<int>& channels);

/// Input channels of a convolution or, one for each value of the input, of a fully connected layer; nothing for another
/// kind of layer.
[[nodiscard]] std::optional<LayerCase> with_in_channels(const LayerCase& from, const std::vector<int>& channels);

/// A fully connected layer over one pixel of all its inputs' values; another layer as it is.
[[nodiscard]] LayerCase over_one_pixel(LayerCase from);

}  // namespace systole::debug
