// SPDX-License-Identifier: Apache-2.0
#include "sim/check/pin_checker.h"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <string>

using namespace systole;

namespace {

constexpr std::size_t kFlags = 6, kCounters = 6;

/// Pins of a design with `cols` lanes of `width` bits, and the expected ones, all zero at first.
struct Pins {
  std::array<std::uint8_t, kFlags> flags{};
  std::uint8_t overflow = 0;
  std::array<std::uint32_t, kCounters> counters{};
  std::array<std::uint32_t, 8> data{};
  std::array<std::int32_t, 8> lanes{};
  std::array<std::uint32_t, kFlags + kCounters + 1> pins{};
  int cols, width;

  Pins(int cols_, int width_) : cols(cols_), width(width_) {}
  [[nodiscard]] port::PinMap map() {
    port::PinMap map;
    for (std::size_t i = 0; i < kFlags; ++i) map.watched.push_back({"flag" + std::to_string(i), &flags[i], 1, 1});
    for (std::size_t i = 0; i < kCounters; ++i) {
      map.watched.push_back({"counter" + std::to_string(i), &counters[i], 4, 32});
    }
    map.watched.push_back({"overflow", &overflow, 1, 8});
    map.output.name = "out";
    map.output.data_pin = "out_data_o";
    map.output.data = {data.data(), sizeof data, cols * width};
    map.output.lanes = cols;
    map.output.lane_bits = width;
    return map;
  }
  [[nodiscard]] check::ExpectedPins expected() const { return {pins.data(), lanes.data()}; }
};

using SixFlags = check::PinChecker<kFlags, kCounters>;

template <class AnyChecker>
std::string only_difference(const AnyChecker& checker, const Pins& pins) {
  const auto found = checker.differences(1, pins.expected(), 100);
  return found.size() == 1 ? found[0].signal : "";
}

}  // namespace

TEST_CASE("check.pins.each_pin_alone") {
  Pins pins(8, 32);
  SixFlags checker(pins.map());
  CHECK(checker.equal(1, pins.expected()));
  CHECK(checker.compared() == 21);
  for (std::size_t i = 0; i < pins.flags.size(); ++i) {
    pins.flags[i] = 1;
    CHECK_FALSE(checker.equal(1, pins.expected()));
    CHECK(only_difference(checker, pins) == "flag" + std::to_string(i));
    pins.flags[i] = 0;
  }
  pins.overflow = 0x80;
  CHECK_FALSE(checker.equal(1, pins.expected()));
  CHECK(only_difference(checker, pins) == "overflow");
  pins.overflow = 0;
  for (std::size_t i = 0; i < pins.counters.size(); ++i) {
    pins.counters[i] = 0x80000000U;
    CHECK_FALSE(checker.equal(1, pins.expected()));
    CHECK(only_difference(checker, pins) == "counter" + std::to_string(i));
    pins.counters[i] = 0;
  }
  for (std::size_t lane = 0; lane < 8; ++lane) {
    pins.data[lane] = 1;
    CHECK_FALSE(checker.equal(1, pins.expected()));
    CHECK(only_difference(checker, pins) == "out_data_o[" + std::to_string(lane) + "]");
    pins.data[lane] = 0;
  }
  CHECK(checker.equal(1, pins.expected()));
}

TEST_CASE("check.pins.lanes_are_sign_extended.psum16") {
  Pins pins(8, 16);
  SixFlags checker(pins.map());
  pins.data[1] = 0xFFFE0003U;  // lanes 2 and 3
  pins.lanes[2] = 3;
  pins.lanes[3] = -2;
  CHECK(checker.equal(1, pins.expected()));
  pins.lanes[3] = 65534;
  CHECK_FALSE(checker.equal(1, pins.expected()));
}

TEST_CASE("check.unpack_lanes.odd_width") {
  const std::uint32_t words[] = {0x3FFU << 10 | 0x1FFU};  // ten bits each: 511, -1
  std::int32_t lanes[2] = {};
  port::unpack_lanes(words, 2, 10, lanes);
  CHECK(lanes[0] == 511);
  CHECK(lanes[1] == -1);
}

TEST_CASE("check.pins.planted_bit_is_found") {
  Pins pins(8, 32);
  SixFlags checker(pins.map());
  checker.plant({.at = 1, .index = 13 + 5, .bit = 0});
  CHECK_FALSE(checker.equal(1, pins.expected()));
  CHECK(only_difference(checker, pins) == "out_data_o[5]");
  CHECK(checker.equal(2, pins.expected()));
}

// A canary proves the comparison of every cycle, not another one: it finds the planted bit equal where the pin has it.
TEST_CASE("check.pins.planted_bit_goes_through_the_comparison") {
  Pins pins(8, 32);
  SixFlags checker(pins.map());
  pins.data[5] = 1;
  checker.plant({.at = 1, .index = 13 + 5, .bit = 0});
  CHECK(checker.equal(1, pins.expected()));
  CHECK_FALSE(checker.equal(2, pins.expected()));
}

TEST_CASE("check.pins.fixed_and_free_numbers_agree") {
  Pins pins(8, 32);
  SixFlags fixed(pins.map());
  check::PinChecker<0, 0> any(pins.map());
  for (std::size_t i = 0; i < pins.pins.size(); ++i) {
    pins.pins[i] ^= 1U;
    CHECK_FALSE(fixed.equal(1, pins.expected()));
    CHECK_FALSE(any.equal(1, pins.expected()));
    CHECK(only_difference(any, pins) == only_difference(fixed, pins));
    pins.pins[i] ^= 1U;
  }
  CHECK(any.equal(1, pins.expected()));
}

TEST_CASE("check.pins.refuses_other_storage") {
  Pins pins(8, 32);
  CHECK_THROWS_AS((check::PinChecker<7, 6>(pins.map())), std::invalid_argument);
  CHECK_THROWS_AS((check::PinChecker<6, 8>(pins.map())), std::invalid_argument);
  Pins none(0, 32);
  CHECK_THROWS_AS((check::PinChecker<0, 0>(none.map())), std::invalid_argument);
}
