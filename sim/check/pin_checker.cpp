// SPDX-License-Identifier: Apache-2.0
#include "sim/check/pin_checker.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

namespace systole::check {

PinValues::PinValues(const port::PinMap& map) : watched_(map.watched), output_(map.output) {
  for (const port::OutPin& pin : watched_) {
    if (pin.bytes != 1 && pin.bytes != 2 && pin.bytes != 4) {
      throw std::invalid_argument(fmt::format("pin {}: {} bytes", pin.name, pin.bytes));
    }
  }
  if (output_.lanes < 1 || output_.lanes > kMaxLanes || output_.lane_bits < 2 || output_.lane_bits > 32) {
    throw std::invalid_argument(
        fmt::format("stream {}: {} lanes of {} bits", output_.name, output_.lanes, output_.lane_bits));
  }
}

std::uint32_t PinValues::value(const port::OutPin& pin) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, pin.data, pin.bytes);
  return bits;
}

bool PinValues::agree(const ExpectedPins& expected) const {
  std::uint32_t difference = lane_difference(expected.lanes);
  for (std::size_t i = 0; i < watched_.size(); ++i) difference |= value(watched_[i]) ^ expected.pins[i];
  return difference == 0;
}

ExpectedPins PinValues::planted(const ExpectedPins& expected, const PlantedFault& fault, PlantedPins& copy) const {
  copy.pins.assign(expected.pins, expected.pins + watched_.size());
  copy.lanes.assign(expected.lanes, expected.lanes + output_.lanes);
  if (fault.index < copy.pins.size()) {
    copy.pins[fault.index] ^= std::uint32_t{1} << fault.bit;
  } else if (fault.index < per_cycle()) {
    copy.lanes[fault.index - copy.pins.size()] ^= std::int32_t{1} << fault.bit;
  }
  return {copy.pins.data(), copy.lanes.data()};
}

std::vector<Mismatch> PinValues::differences(std::uint64_t cycle, const ExpectedPins& expected, std::size_t limit,
                                             const PlantedFault& fault) const {
  std::array<std::int32_t, kMaxLanes> lanes{};
  port::read_lanes(output_, lanes.data());
  std::vector<Mismatch> found;
  for (std::size_t i = 0; i < per_cycle() && found.size() < limit; ++i) {
    const bool is_pin = i < watched_.size();
    const std::size_t lane = is_pin ? 0 : i - watched_.size();
    const std::int64_t actual = is_pin ? std::int64_t{value(watched_[i])} : std::int64_t{lanes[lane]};
    std::int64_t golden = is_pin ? std::int64_t{expected.pins[i]} : std::int64_t{expected.lanes[lane]};
    if (cycle == fault.at && i == fault.index) golden ^= std::int64_t{1} << fault.bit;
    if (actual == golden) continue;
    found.push_back({.checker = Checker::pins,
                     .signal = is_pin ? watched_[i].name : fmt::format("{}[{}]", output_.data_pin, lane),
                     .cycle = cycle,
                     .index = i,
                     .rtl = actual,
                     .golden = golden,
                     .coordinate = {}});
  }
  return found;
}

}  // namespace systole::check
