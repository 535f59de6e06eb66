// SPDX-License-Identifier: Apache-2.0
#pragma once
// One direction (rows or columns) of a window: which input coordinates a range of outputs needs, and the window over
// just these.
#include <vector>

namespace systole::lower {

/// Window of a layer along one axis: output o, tap k read input o * stride + k * dilation - pad.
struct AxisWindow {
  int in = 1, out = 1;  ///< sizes of the input and output map
  int kernel = 1, stride = 1, dilation = 1, pad = 0;
};

/// A range of outputs, `count` >= 1.
struct Range {
  int first = 0, count = 0;

  bool operator==(const Range&) const = default;
};

/// The window of a command over the coordinates it sends: output i, tap k read source[i * stride + k * dilation - pad],
/// padding outside.
struct Axis {
  Range out;
  int kernel = 1, stride = 1, dilation = 1, pad = 0;
  std::vector<int> source;  ///< ascending input coordinates, at least one
};

/// Number of taps of output o that meet the map.
[[nodiscard]] int taps_inside(const AxisWindow& window, int o);

/// The smallest map that serves the outputs of `range`: coordinates between the taps (stride or dilation gaps) are left
/// out where a window of constant stride and dilation can still address the rest.
[[nodiscard]] Axis plan_axis(const AxisWindow& window, Range range);

/// 0 .. out-1 as maximal runs of equal taps_inside.
[[nodiscard]] std::vector<Range> equal_tap_runs(const AxisWindow& window);

/// `range` in n parts whose sizes differ by at most one, 1 <= n <= range.count.
[[nodiscard]] std::vector<Range> cut_evenly(Range range, int n);

}  // namespace systole::lower
