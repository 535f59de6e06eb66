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
  CHECK(looks({{-128, 0}, {-127, 1}, {-126, 2}}, 8) == "bit 7, the sign, stays 1");
  CHECK(looks({{128, 0}, {129, 1}, {130, 2}}, 8, 5, false) == "bit 7 stays 1");
  CHECK(looks({{128, 0}, {129, 1}, {130, 2}}, 8) == "bit 7, the sign, stays 1");  // however it came
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
  CHECK(looks({{229, 60}, {610, 60}, {148, 60}}) == "not limited to 60");
  CHECK(looks({{229, 60}, {610, 60}}).empty());
  CHECK(looks({{-5, 0}, {-9, 0}, {-2, 0}}) == "not limited to 0");
  CHECK(looks({{-5, 0}, {9, 0}, {-2, 0}}) == "not cleared");
  CHECK(looks({{5, 0}, {9, 0}, {2, 0}}, 32, 5, false) == "not cleared");
  CHECK(looks({{1, 0}, {2, 0}, {3, 0}}, 32, 5, false).empty());  // it counts
  CHECK(looks({{0, 120}, {-20, 120}, {-20, 120}}).empty());      // two values are no bound's
  CHECK(looks({{1869086720, -2147483648}, {158072832, -2147483648}, {157286400, -2147483648}}) ==
        "wrapped around in place of limited to -2147483648");
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
  CHECK(looks({{5, 4}}, 3).empty());                                                               // a state
  CHECK(looks({{451, 226}, {1213, 607}, {-322, -161}, {35, 17}}) == "shifted left by 1 too far");  // rounded
  CHECK(looks({{16794395869184, 7821}, {30954903044096, 14415}, {-13845900820480, -6447}}, 64) ==
        "shifted left by 31 too far");
  CHECK(looks({{-15, -15728640}, {-62, -65011712}, {67, 70254592}}) == "shifted right by 20 too far");
  CHECK(looks({{1, 3}, {2, 5}, {0, 1}}).empty());  // so small that a shift proves nothing
  CHECK(looks({{2, 1}, {4, 2}, {6, 3}}) == "shifted left by 1 too far");
  CHECK(looks({{2, 1}, {4, 2}, {2, 1}}).empty());
  // The wrong values of a second pass are no more what the first ones were.
  Pairs pass;
  for (int i = 0; i < 8; ++i) pass.emplace_back(36 + i, i);
  CHECK(looks(pass) == "always 36 too high");
  pass.emplace_back(0, 99);
  CHECK(looks(pass) == "at first always 36 too high");
  pass.erase(pass.begin() + 3);
  CHECK(looks(pass).empty());
}

TEST_CASE("debug.looks.lanes") {
  // Two numbers of nine bits, from bit 9 of the register on; the part of a third is nobody's.
  const Word word{.bits = 20, .is_signed = false, .lane_bits = 9, .first_bit = 9};
  const auto two = [](std::int64_t low, std::int64_t high) { return (low & 0x1ff) | (high & 0x1ff) << 9; };
  CHECK(how_it_looks(series({{two(5, 3), two(5, 19)}, {two(9, -15), two(9, 1)}, {two(1, 4), two(7, 20)}}), {}, word) ==
        "always 16 too low in lane 2");
  CHECK(how_it_looks(series({{two(-253, 3), two(3, 3)}, {two(-247, 9), two(9, 9)}, {two(-252, 7), two(4, 8)}}), {},
                     word) == "bit 8, the sign, stays 1 in lane 1");
  CHECK(how_it_looks(series({{two(5, 3) | 1 << 18, two(5, 3)}}), {}, word).empty());
}

TEST_CASE("debug.looks.step") {
  const Word flag{.bits = 1, .is_signed = false};
  CHECK(how_it_looks(series({{1, 0}}), {}, flag, 1) == "keeps its value where it should change");
  CHECK(how_it_looks(series({{1, 0}}), {}, flag, 0) == "changes where it should keep its value");
  CHECK(how_it_looks(series({{6, 5}}), {}, {.bits = 3, .is_signed = false}, 4).empty());
  CHECK(how_it_looks(series({{-20, 120}}), {}, {.bits = 9}, 0x1ec) == "keeps its value where it should change");
}

TEST_CASE("debug.looks.reset_and_padding") {
  std::vector<check::Mismatch> list = series({{7, 0}, {7, 0}, {7, 0}});
  CHECK(how_it_looks(list, {}, {}).empty());
  for (check::Mismatch& m : list) m.cycle -= 99;
  CHECK(how_it_looks(list, {}, {}) == "wrong from reset on");
  list = series({{7, 0}, {9, 3}, {1, 0}});
  for (check::Mismatch& m : list) m.coordinate = "oc 0 oh 0 ow 0 padding";
  CHECK(how_it_looks(list, {}, {}) == "wrong in the padding alone");
  list[1].coordinate = "oc 0 oh 0 ow 1";
  CHECK(how_it_looks(list, {}, {}).empty());
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
