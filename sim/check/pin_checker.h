// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every watched output pin of a design, every cycle, valid or not, and every lane of the beat on its output stream.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/check/mismatch.h"
#include "sim/port/pin_map.h"

namespace systole::check {

/// Expected values after an edge: one for each of PinMap::watched, in that order, and one for each lane of the output
/// stream, sign extended.
struct ExpectedPins {
  const std::uint32_t* pins = nullptr;
  const std::int32_t* lanes = nullptr;
};

/// Copies of expected values, with a planted bit.
struct PlantedPins {
  std::vector<std::uint32_t> pins;
  std::vector<std::int32_t> lanes;
};

/// What needs no speed: names, values and differences of all pins.
class PinValues {
 public:
  static constexpr int kMaxLanes = 64;

  /// Throws std::invalid_argument for a pin whose storage is not 1, 2 or 4 bytes or a stream of another number of lanes
  /// than 1 .. kMaxLanes.
  explicit PinValues(const port::PinMap& map);

  [[nodiscard]] std::size_t per_cycle() const { return watched_.size() + static_cast<std::size_t>(output_.lanes); }
  [[nodiscard]] static std::uint32_t value(const port::OutPin& pin);
  /// Whether every pin has its expected value.
  [[nodiscard]] bool agree(const ExpectedPins& expected) const;
  /// The values that differ, at most `limit`. Mismatch::index counts the pins, then the lanes. `fault` flips an
  /// expected bit at its index.
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, const ExpectedPins& expected, std::size_t limit,
                                                  const PlantedFault& fault) const;
  /// The expected values with that bit flipped, in `copy`.
  [[nodiscard]] ExpectedPins planted(const ExpectedPins& expected, const PlantedFault& fault, PlantedPins& copy) const;
  /// Not 0 where any lane differs.
  [[nodiscard]] std::uint32_t lane_difference(const std::int32_t* expected) const {
    if (output_.lane_bits == 32) {  // the words are the lanes
      return std::memcmp(output_.data.data, expected, sizeof *expected * static_cast<std::size_t>(output_.lanes)) != 0;
    }
    std::uint32_t difference = 0;
    std::array<std::int32_t, kMaxLanes> lanes;  // NOLINT(*-member-init): read_lanes writes the lanes that are read
    port::read_lanes(output_, lanes.data());
    for (int lane = 0; lane < output_.lanes; ++lane) {
      difference |= static_cast<std::uint32_t>(lanes[static_cast<std::size_t>(lane)] ^ expected[lane]);
    }
    return difference;
  }

 private:
  std::vector<port::OutPin> watched_;
  port::OutStream output_;
};

/// The first `Bytes` watched pins are stored in one byte each, the next `Words` in four: fixed numbers, so that the
/// comparison of a design whose pins are known has no loop. The others may have any size; a design of which nothing is
/// known has 0 and 0.
template <std::size_t Bytes, std::size_t Words>
class PinChecker {
 public:
  /// Throws std::invalid_argument where a pin has another size, and for what PinValues refuses.
  explicit PinChecker(const port::PinMap& map) : values_(map) {
    for (std::size_t i = 0; i < map.watched.size(); ++i) {
      const port::OutPin& pin = map.watched[i];
      if (i >= Bytes + Words) {
        others_.push_back(pin);
        continue;
      }
      if (pin.bytes != (i < Bytes ? 1 : 4)) throw std::invalid_argument("PinChecker: storage of " + pin.name);
      if (i < Bytes) bytes_[i] = static_cast<const std::uint8_t*>(pin.data);
      if (i >= Bytes) words_[i - Bytes] = static_cast<const std::uint32_t*>(pin.data);
    }
    if (map.watched.size() < Bytes + Words) throw std::invalid_argument("PinChecker: pins are missing");
  }

  [[nodiscard]] std::size_t values_per_cycle() const { return values_.per_cycle(); }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  void plant(const PlantedFault& fault) { fault_ = fault; }

  /// Whether all pins have their expected values after edge `cycle`.
  bool equal(std::uint64_t cycle, ExpectedPins expected) {
    compared_ += values_per_cycle();
    // A planted bit goes through the comparison itself: what it shows is that this one sees.
    if (cycle == fault_.at) [[unlikely]]
      expected = values_.planted(expected, fault_, planted_);
    std::uint32_t difference = 0;
    const std::uint32_t* pins = expected.pins;
    for (std::size_t i = 0; i < Bytes; ++i) difference |= *bytes_[i] ^ pins[i];
    for (std::size_t i = 0; i < Words; ++i) difference |= *words_[i] ^ pins[Bytes + i];
    pins += Bytes + Words;
    for (const port::OutPin& pin : others_) difference |= PinValues::value(pin) ^ *pins++;
    return (difference | values_.lane_difference(expected.lanes)) == 0;
  }

  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, const ExpectedPins& expected,
                                                  std::size_t limit) const {
    return values_.differences(cycle, expected, limit, fault_);
  }

 private:
  PinValues values_;
  std::array<const std::uint8_t*, Bytes> bytes_{};
  std::array<const std::uint32_t*, Words> words_{};
  std::vector<port::OutPin> others_;
  PlantedFault fault_;
  PlantedPins planted_;
  std::uint64_t compared_ = 0;
};

}  // namespace systole::check
