// SPDX-License-Identifier: Apache-2.0
#pragma once
// A failing layer made as small as it can be while it fails in the same way.
#include <cstdint>
#include <functional>
#include <optional>

#include "debug/smaller_layer.h"

namespace systole::debug {

/// Whether a case fails in the way that is looked for, and if so in how many cycles.
using Trial = std::function<std::optional<std::uint64_t>(const LayerCase&)>;

struct Shrunk {
  LayerCase smallest;
  std::uint64_t cycles = 0;
  std::size_t trials = 0;
  bool minimal = false;  ///< nothing more can be left out: false where it was stopped
};

/// Leaves out pixels, taps and channels, sets values to zero and then to smaller ones, until nothing more can be left
/// out or `stop` says so. `from` fails, in `cycles`. Candidates that are no valid layer are not tried.
[[nodiscard]] Shrunk shrink(LayerCase from, std::uint64_t cycles, const Trial& trial,
                            const std::function<bool()>& stop);

}  // namespace systole::debug
