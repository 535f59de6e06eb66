// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/axis.h"

#include <cstdint>
#include <numeric>

namespace systole::lower {

int taps_inside(const AxisWindow& window, int o) {
  int taps = 0;
  for (int k = 0; k < window.kernel; ++k) {
    const int i = o * window.stride + k * window.dilation - window.pad;
    if (i >= 0 && i < window.in) ++taps;
  }
  return taps;
}

namespace {

/// Every tap lies before the one coordinate that is sent, since a map has at least one.
Axis nothing_but_padding(Axis axis) {
  axis.stride = axis.dilation = 1;
  axis.pad = axis.out.count + axis.kernel - 1;
  axis.source = {0};
  return axis;
}

}  // namespace

Axis plan_axis(const AxisWindow& window, Range range) {
  Axis axis{range, window.kernel, 0, 0, 0, {}};
  // A single tap has no dilation: any value addresses it, the stride itself gives the largest common divisor.
  const int dilation = window.kernel == 1 ? window.stride : window.dilation;
  const int common = std::gcd(window.stride, dilation);
  axis.stride = window.stride / common;
  axis.dilation = dilation / common;
  // A window narrower than its stride: only the taps themselves are sent, side by side.
  const bool taps_only = (window.kernel - 1) * axis.dilation + 1 < axis.stride;
  if (taps_only) {
    axis.stride = window.kernel;
    axis.dilation = 1;
  }
  const int origin = range.first * window.stride - window.pad;
  const int positions = (range.count - 1) * axis.stride + (window.kernel - 1) * axis.dilation + 1;
  for (int p = 0; p < positions; ++p) {
    const int offset = taps_only ? p / window.kernel * window.stride + p % window.kernel * window.dilation : p * common;
    const int i = origin + offset;  // ascending in p, so what lies outside is a prefix and a suffix
    if (i >= window.in) break;
    if (i < 0) {
      ++axis.pad;
    } else {
      axis.source.push_back(i);
    }
  }
  return axis.source.empty() ? nothing_but_padding(axis) : axis;
}

std::vector<Range> equal_tap_runs(const AxisWindow& window) {
  std::vector<Range> runs;
  int run_taps = -1;
  for (int o = 0; o < window.out; ++o) {
    const int taps = taps_inside(window, o);
    if (taps != run_taps) runs.push_back({o, 0});
    ++runs.back().count;
    run_taps = taps;
  }
  return runs;
}

std::vector<Range> cut_evenly(Range range, int n) {
  std::vector<Range> parts;
  for (int i = 0; i < n; ++i) {
    const int first = range.first + static_cast<int>(std::int64_t{range.count} * i / n);
    const int end = range.first + static_cast<int>(std::int64_t{range.count} * (i + 1) / n);
    parts.push_back({first, end - first});
  }
  return parts;
}

}  // namespace systole::lower
