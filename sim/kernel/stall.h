// SPDX-License-Identifier: Apache-2.0
#pragma once
// When the bench withholds `valid` on an input stream or `ready` on the output. The choice depends only on (seed, test,
// stream, cycle), so it is the same for any build, trace setting or number of workers.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "sim/port/pin_map.h"

namespace systole::kernel {

enum class Stall {
  none,
  in,   ///< each input stream on its own, cycle by cycle
  out,  ///< the output, cycle by cycle
  both,
  bursts  ///< every stream on its own, in stretches of 32 cycles
};

inline constexpr std::array<std::string_view, 5> kStallNames{"none", "in", "out", "both", "bursts"};

constexpr std::string_view to_string(Stall stall) { return kStallNames[static_cast<std::size_t>(stall)]; }
std::optional<Stall> stall_from_string(std::string_view name);

/// The streams of a design by name, which key the choices: inputs, then the output.
using StreamNames = std::vector<std::string>;
StreamNames stream_names(const port::PinMap& map);

class StallPattern {
 public:
  static constexpr unsigned kDefaultProbability = 64;  ///< of 256: a quarter of the cycles

  /// Each affected stream is withheld with probability `of_256` / 256, 0 .. 256.
  StallPattern(Stall stall, std::uint64_t seed, std::string_view test, const StreamNames& streams,
               unsigned of_256 = kDefaultProbability);

  /// Whether any stream is ever withheld.
  [[nodiscard]] bool active() const { return stall_ != Stall::none; }

  /// Bit i: stream i, in the order of the names, is withheld in that cycle. Cheapest where cycles come in order: 32 are
  /// drawn at once.
  [[nodiscard]] unsigned withheld(std::uint64_t cycle) {
    if (stall_ == Stall::none) return 0;
    if (const std::uint64_t block = cycle / kBlock; block != block_) draw(block);
    const auto bit = static_cast<unsigned>(cycle % kBlock);
    unsigned result = 0;
    for (unsigned stream = 0; stream < masks_.size(); ++stream) result |= (masks_[stream] >> bit & 1U) << stream;
    return result;
  }

 private:
  static constexpr unsigned kBlock = 32;
  void draw(std::uint64_t block);
  [[nodiscard]] bool affects(std::size_t stream) const;
  [[nodiscard]] std::uint32_t mask(std::size_t stream, std::uint64_t block) const;

  Stall stall_;
  unsigned of_256_;
  std::vector<fixed::CounterRandom> random_;  ///< one a stream
  std::uint64_t block_ = ~std::uint64_t{0};
  std::vector<std::uint32_t> masks_;
};

}  // namespace systole::kernel
