// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/geometry.h"

#include <fmt/format.h>

namespace systole::model::onnx {

std::optional<std::string> window_problem(const Window& window, int height, int width) {
  constexpr int kLargestWindow = 15;  // taps, strides, dilations and padding of a layer's window
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (window.kernel[axis] > kLargestWindow || window.stride[axis] > kLargestWindow ||
        window.dilation[axis] > kLargestWindow || window.before[axis] > kLargestWindow) {
      return fmt::format("expected kernel, strides, dilations and padding of at most {}, the limit of a layer",
                         kLargestWindow);
    }
    const std::int64_t in = axis == 0 ? height : width;
    if ((window.out[axis] - 1) * window.stride[axis] - window.before[axis] >= in) {
      return "expected every window to start inside of the map, found one that starts in the padding behind it";
    }
  }
  return std::nullopt;
}

bool leaves_map(const Window& window, const std::vector<std::int64_t>& map) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t last = (window.out[axis] - 1) * window.stride[axis] - window.before[axis] + window.reach(axis);
    if (window.before[axis] > 0 || last > map[axis + 2]) return true;
  }
  return false;
}

}  // namespace systole::model::onnx
