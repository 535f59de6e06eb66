// SPDX-License-Identifier: Apache-2.0
#include "sim/check/pin_checker.h"

#include <doctest/doctest.h>

#include <array>

using namespace systole;

namespace {

/// Pins of a design with `cols` lanes of `width` bits, and the expected ones, all zero at first.
struct Pins {
  std::array<std::uint8_t, 6> flags{};
  std::uint8_t overflow = 0;
  std::array<std::uint32_t, 6> counters{};
  std::array<std::uint32_t, 8> data{};
  std::array<std::int32_t, 8> lanes{};
  cycle::OutPins expected;
  int cols, width;

  Pins(int cols_, int width_) : cols(cols_), width(width_) { expected.out_data = lanes.data(); }
  [[nodiscard]] check::PinSource source() const {
    check::PinSource s;
    s.cfg_ready = &flags[0];
    s.wgt_ready = &flags[1];
    s.act_ready = &flags[2];
    s.out_valid = &flags[3];
    s.out_last = &flags[4];
    s.state = &flags[5];
    s.overflow = &overflow;
    s.overflow_bytes = 1;
    for (std::size_t i = 0; i < counters.size(); ++i) s.counters[i] = &counters[i];
    s.out_data = data.data();
    s.cols = cols;
    s.psum_width = width;
    return s;
  }
};

std::string only_difference(const check::PinChecker& checker, const Pins& pins) {
  const auto found = checker.differences(1, pins.expected, 100);
  return found.size() == 1 ? found[0].signal : "";
}

}  // namespace

TEST_CASE("check.pins.each_pin_alone") {
  Pins pins(8, 32);
  check::PinChecker checker(pins.source());
  CHECK(checker.equal(1, pins.expected));
  CHECK(checker.compared() == 21);
  const char* flag_names[] = {"cfg_ready_o", "wgt_ready_o", "act_ready_o", "out_valid_o", "out_last_o", "state_o"};
  for (std::size_t i = 0; i < pins.flags.size(); ++i) {
    pins.flags[i] = 1;
    CHECK_FALSE(checker.equal(1, pins.expected));
    CHECK(only_difference(checker, pins) == flag_names[i]);
    pins.flags[i] = 0;
  }
  pins.overflow = 0x80;
  CHECK_FALSE(checker.equal(1, pins.expected));
  CHECK(only_difference(checker, pins) == "overflow_o");
  pins.overflow = 0;
  const char* counter_names[] = {"cnt_busy_o",        "cnt_stall_in_o", "cnt_stall_out_o",
                                 "cnt_weight_load_o", "cnt_compute_o",  "cnt_drain_o"};
  for (std::size_t i = 0; i < pins.counters.size(); ++i) {
    pins.counters[i] = 0x80000000U;
    CHECK_FALSE(checker.equal(1, pins.expected));
    CHECK(only_difference(checker, pins) == counter_names[i]);
    pins.counters[i] = 0;
  }
  for (std::size_t lane = 0; lane < 8; ++lane) {
    pins.data[lane] = 1;
    CHECK_FALSE(checker.equal(1, pins.expected));
    CHECK(only_difference(checker, pins) == "out_data_o[" + std::to_string(lane) + "]");
    pins.data[lane] = 0;
  }
  CHECK(checker.equal(1, pins.expected));
}

TEST_CASE("check.pins.lanes_are_sign_extended.psum16") {
  Pins pins(8, 16);
  check::PinChecker checker(pins.source());
  pins.data[1] = 0xFFFE0003U;  // lanes 2 and 3
  pins.lanes[2] = 3;
  pins.lanes[3] = -2;
  CHECK(checker.equal(1, pins.expected));
  pins.lanes[3] = 65534;
  CHECK_FALSE(checker.equal(1, pins.expected));
}

TEST_CASE("check.unpack_lanes.odd_width") {
  const std::uint32_t words[] = {0x3FFU << 10 | 0x1FFU};  // ten bits each: 511, -1
  std::int32_t lanes[2] = {};
  check::unpack_lanes(words, 2, 10, lanes);
  CHECK(lanes[0] == 511);
  CHECK(lanes[1] == -1);
}

TEST_CASE("check.pins.planted_bit_is_found") {
  Pins pins(8, 32);
  check::PinChecker checker(pins.source());
  checker.plant({.cycle = 1, .index = 13 + 5, .bit = 0});
  CHECK_FALSE(checker.equal(1, pins.expected));
  CHECK(only_difference(checker, pins) == "out_data_o[5]");
  CHECK(checker.equal(2, pins.expected));
}
