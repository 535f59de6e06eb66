// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every output pin of `accel`, every cycle, valid or not (docs/timing.md, section 3).
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "accel/cycle/model.h"
#include "sim/check/mismatch.h"

namespace systole::check {

/// Where the pins' values stand after an edge. `out_data` holds `cols` elements of `psum_width` bits, packed from the
/// least significant bit of little-endian words.
struct PinSource {
  const std::uint8_t *cfg_ready = nullptr, *wgt_ready = nullptr, *act_ready = nullptr;
  const std::uint8_t *out_valid = nullptr, *out_last = nullptr, *state = nullptr;
  const void* overflow = nullptr;
  std::size_t overflow_bytes = 0;
  std::array<const std::uint32_t*, 6> counters{};
  const void* out_data = nullptr;
  int cols = 0, psum_width = 0;
};

/// `cols` signed elements of `width` bits (2 .. 32) from packed little-endian words.
void unpack_lanes(const void* packed, int cols, int width, std::int32_t* lanes);

class PinChecker {
 public:
  static constexpr std::size_t kScalarPins = 13;  ///< all but out_data_o, which counts once for each lane

  explicit PinChecker(const PinSource& source);

  [[nodiscard]] std::size_t values_per_cycle() const { return kScalarPins + static_cast<std::size_t>(source_.cols); }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  void plant(const PlantedFault& fault) { fault_ = fault; }

  /// Whether all pins have their expected values after edge `cycle`.
  bool equal(std::uint64_t cycle, const cycle::OutPins& expected) {
    compared_ += values_per_cycle();
    if (cycle == fault_.cycle) [[unlikely]]
      return false;
    const PinSource& s = source_;
    std::uint32_t difference =
        std::uint32_t(*s.cfg_ready ^ expected.cfg_ready) | std::uint32_t(*s.wgt_ready ^ expected.wgt_ready) |
        std::uint32_t(*s.act_ready ^ expected.act_ready) | std::uint32_t(*s.out_valid ^ expected.out_valid) |
        std::uint32_t(*s.out_last ^ expected.out_last) | std::uint32_t(*s.state ^ expected.state);
    difference |= overflow() ^ expected.overflow;
    for (std::size_t i = 0; i < s.counters.size(); ++i) difference |= *s.counters[i] ^ expected.cnt[i];
    return (difference | lane_difference(expected.out_data)) == 0;
  }

  /// The values that differ, at most `limit`; names as in docs/timing.md.
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, const cycle::OutPins& expected,
                                                  std::size_t limit) const;

 private:
  [[nodiscard]] std::uint32_t overflow() const {
    std::uint32_t flags = 0;
    std::memcpy(&flags, source_.overflow, source_.overflow_bytes);
    return flags;
  }
  /// Bits that differ in any lane.
  [[nodiscard]] std::uint32_t lane_difference(const std::int32_t* expected) const {
    std::uint32_t difference = 0;
    if (source_.psum_width == 32) {
      const auto* words = static_cast<const std::uint32_t*>(source_.out_data);
      for (int lane = 0; lane < source_.cols; ++lane)
        difference |= words[lane] ^ static_cast<std::uint32_t>(expected[lane]);
      return difference;
    }
    std::array<std::int32_t, 32> lanes;  // NOLINT(*-member-init): unpack_lanes writes the lanes that are read
    unpack_lanes(source_.out_data, source_.cols, source_.psum_width, lanes.data());
    for (int lane = 0; lane < source_.cols; ++lane) {
      difference |= static_cast<std::uint32_t>(lanes[static_cast<std::size_t>(lane)] ^ expected[lane]);
    }
    return difference;
  }
  [[nodiscard]] std::vector<std::int64_t> actual_values() const;
  [[nodiscard]] std::vector<std::int64_t> expected_values(const cycle::OutPins& expected) const;

  PinSource source_;
  PlantedFault fault_;
  std::uint64_t compared_ = 0;
};

}  // namespace systole::check
