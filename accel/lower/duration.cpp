// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/duration.h"

#include <algorithm>

namespace systole::lower {

std::int64_t roofline_cycles(const accel::Header& header, const accel::Geometry& geometry) {
  const std::int64_t pass = std::max(header.out_pixels(), geometry.rows);
  const std::int64_t group = std::max(header.taps() * pass, std::int64_t{header.in_pixels()});
  return group * header.ic_tiles * header.oc_tiles;
}

std::uint64_t cycle_bound(const accel::Header& header, const accel::Geometry& geometry) {
  const int beats_of_cfg = 3 + geometry.cols, beats_of_first_tile = geometry.rows + 1;
  const int depth = geometry.rows + geometry.cols;
  return static_cast<std::uint64_t>(13 + beats_of_cfg + beats_of_first_tile + header.in_pixels() +
                                    roofline_cycles(header, geometry) + depth + 6);
}

}  // namespace systole::lower
