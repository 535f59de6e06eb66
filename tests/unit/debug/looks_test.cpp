// SPDX-License-Identifier: Apache-2.0
#include "debug/looks.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace systole::debug {
namespace {

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;  ///< rtl, golden

std::vector<check::Mismatch> series(const Pairs& pairs, std::uint64_t step = 5) {
  std::vector<check::Mismatch> list;
  std::uint64_t cycle = 100;
  for (const auto& [rtl, golden] : pairs) {
    list.push_back({check::Checker::registers, "acc_q", cycle, 0, rtl, golden, {}});
    cycle += step;
  }
  return list;
}

std::string looks(const Pairs& pairs, int bits = 32, std::uint64_t step = 5, bool is_signed = true) {
  return how_it_looks(series(pairs, step), {}, {bits, is_signed});
}

std::string looks_in_a_cycle(const Pairs& pairs) {
  std::vector<check::Mismatch> columns = series(pairs, 0);
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].signal = "g_lane[" + std::to_string(i) + "].acc_q";
  return how_it_looks({columns.front()}, columns, {});
}

TEST_CASE("debug.looks.one_bit") {
  CHECK(looks({{16, 0}, {17, 1}, {-14, -30}}) == "bit 4 stays 1");
  CHECK(looks({{0, 16}, {1, 17}, {-32, -16}}) == "bit 4 stays 0");
  CHECK(looks({{16, 0}, {1, 17}, {18, 2}}) == "bit 4 is inverted");
  CHECK(looks({{16, 0}}) == "bit 4 alone is wrong");
  CHECK(looks({{-128, 0}, {-127, 1}, {-126, 2}}, 8) == "bit 7 stays 1");
  CHECK(looks({{128, 0}, {129, 1}, {130, 2}}, 8) == "bit 7 stays 1");  // of an unsigned word
  CHECK(looks({{16, 0}, {33, 1}, {18, 2}}) != "bit 4 stays 1");
}

TEST_CASE("debug.looks.rounding") {
  CHECK(looks({{5, 4}}) == "one too high, as of a wrong rounding or count");
  CHECK(looks({{5, 6}, {7, 8}, {-4, -3}}) == "one too low, as of a wrong rounding or count");
  CHECK(looks({{5, 6}, {8, 7}, {-4, -3}}) == "one too high or too low, as of a wrong rounding or count");
  CHECK(looks({{5, 4}, {9, 7}}).empty());
}

TEST_CASE("debug.looks.saturation") {
  CHECK(looks({{130, 127}}) == "not limited to 127");
  CHECK(looks({{130, 127}, {300, 127}}) == "not limited to 127");
  CHECK(looks({{-200, -128}, {-129, -128}}) == "not limited to -128");
  CHECK(looks({{-126, 127}, {-100, 127}}) == "wrapped around in place of limited to 127");
  CHECK(looks({{127, 130}, {127, 500}, {127, 131}}) == "limited to 127 too early");
  CHECK(looks({{130, 120}}).empty());
  CHECK(looks({{9, 10}, {9, 30}, {9, 11}}) == "stays at 9");  // 9 is nobody's bound
}

TEST_CASE("debug.looks.time") {
  CHECK(looks({{1, 2}, {2, 30}, {30, -4}, {-4, 9}}, 32, 1) == "a cycle late, or a beat twice");
  CHECK(looks({{2, 1}, {30, 2}, {-4, 30}, {9, -4}}, 32, 1) == "a cycle early, or a beat lost");
  CHECK(looks({{1, 2}, {2, 30}, {30, -4}, {-4, 9}}, 32, 2) != "a cycle late, or a beat twice");  // not of one cycle
  CHECK(looks({{1, 2}, {5, 30}, {30, -4}, {-4, 9}}, 32, 1).empty());
}

TEST_CASE("debug.looks.constant_shift_and_offset") {
  CHECK(looks({{0, 3}, {0, -8}, {0, 100}}) == "stays at 0");
  CHECK(looks({{-7, 3}, {-7, -8}, {-7, 100}}) == "stays at -7");
  CHECK(looks({{6, 3}, {-16, -8}, {200, 100}}) == "shifted left by 1 too far");
  CHECK(looks({{0, 3}, {-2, -8}, {25, 100}}) == "shifted right by 2 too far");
  CHECK(looks({{-3, 3}, {8, -8}, {-100, 100}}) == "of the wrong sign");
  CHECK(looks({{131, 3}, {120, -8}, {228, 100}}) == "always 128 too high");
  CHECK(looks({{-125, 3}, {-136, -8}, {-28, 100}}) == "always 128 too low");
  CHECK(looks({{6, 4294967174}, {130, 2}, {131, 3}}) == "always 128 too high");  // words of 32 bits
  CHECK(looks({{416, 0}, {417, 1}, {418, 2}}, 9, 1, false) == "always 416 too high");
  CHECK(looks({{1, 3}, {9, -8}, {12, 100}}).empty());
  CHECK(looks({{5, 4}}, 3).empty());  // a state
}

TEST_CASE("debug.looks.columns") {
  CHECK(looks_in_a_cycle({{20, 10}, {30, 20}, {40, 30}, {7, 40}}) == "the value of the next column");
  CHECK(looks_in_a_cycle({{7, 10}, {10, 20}, {20, 30}, {30, 40}}) == "the value of the previous column");
  CHECK(looks_in_a_cycle({{40, 10}, {30, 20}, {20, 30}, {10, 40}}) == "the columns in reverse");
  CHECK(looks_in_a_cycle({{20, 10}, {31, 20}, {40, 30}, {7, 40}}).empty());
  CHECK(looks_in_a_cycle({{7, 0}, {0, 0}, {0, 0}}).empty());
}

TEST_CASE("debug.looks.nothing_is_said_of_nothing") {
  CHECK(how_it_looks({}, {}, {}).empty());
  CHECK(looks({{1, 2}}, 0).empty());
  CHECK(looks({{1, 0}, {1, 0}, {1, 0}, {1, 0}}, 1, 1).empty());  // what a flag does where it is right is not given
}

}  // namespace
}  // namespace systole::debug
