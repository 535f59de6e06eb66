// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/conv2d.h"

#include <algorithm>

#include "golden/fast/im2col.h"

namespace systole::fast {
namespace {

/// Whether the patches are the image itself: one tap per output pixel, pixel by pixel.
bool patches_are_pixels(const op::Layer& layer) {
  const op::Window& window = layer.window;
  return window.kernel_h == 1 && window.kernel_w == 1 && window.stride_h == 1 && window.stride_w == 1 &&
         window.pad_top == 0 && window.pad_left == 0 && layer.out_w == layer.in_w;
}

/// Patches made at a time: about 2 MB stay in the cache between im2col and the product, yet enough rows per product
/// that Eigen's packing of the weights, once per product, does not count.
std::int64_t rows_at_a_time(std::int64_t depth) {
  constexpr std::int64_t kPatchValues = std::int64_t{1} << 19;
  constexpr std::int64_t kFewestRows = 256;
  return std::max(kFewestRows, kPatchValues / depth);
}

}  // namespace

template <class T>
void Conv2d::accumulate_as(const op::Tensor& input, Scratch<T>& image_memory, Scratch<T>& patch_memory,
                           std::int32_t* acc, Workspace& workspace, RunStats* stats) const {
  const op::Layer& l = layer();
  const std::int64_t pixels = std::int64_t{l.out_h} * l.out_w;
  T* image = image_memory.get(input.data.size());
  centre(input, l.zero_in, image);
  if (patches_are_pixels(l)) {
    dot_products_.run(image, pixels, acc, workspace, stats);
    return;
  }
  const std::int64_t depth = std::int64_t{l.window.kernel_h} * l.window.kernel_w * l.in_c;
  const std::int64_t block = std::min(pixels, rows_at_a_time(depth));
  T* patches = patch_memory.get(block * depth);
  for (std::int64_t first = 0; first < pixels; first += block) {
    const std::int64_t rows = std::min(block, pixels - first);
    im2col_rows(image, l.in_h, l.in_w, l.in_c, l.window, l.out_w, first, rows, T{0}, patches);
    dot_products_.run(patches, rows, acc + first * l.out_c, workspace, stats);
  }
}

void Conv2d::accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                        RunStats* stats) const {
  if (dot_products_.order_free(stats)) {
    accumulate_as<float>(*inputs[0], workspace.image, workspace.patches, acc, workspace, stats);
  } else {
    accumulate_as<std::int32_t>(*inputs[0], workspace.image_int, workspace.patches_int, acc, workspace, stats);
  }
}

}  // namespace systole::fast
