// SPDX-License-Identifier: Apache-2.0
#include "base/beats.h"

#include <doctest/doctest.h>

#include <array>

#include "golden/fixed/counter_random.h"

using systole::fixed::CounterRandom;
using namespace systole::base;

TEST_CASE("base.beats.fields.round_trip.random") {
  const CounterRandom random(1, "beats", "fields");
  for (std::uint64_t i = 0; i < 2000; ++i) {
    std::array<std::uint32_t, 4> beat{};
    for (std::uint64_t w = 0; w < beat.size(); ++w) beat[w] = random.bits32(i * 8 + w);
    const std::array<std::uint32_t, 4> before = beat;
    const int width = random.between(i * 8 + 4, 1, 32);
    const int lsb = random.between(i * 8 + 5, 0, 128 - width);
    const std::uint32_t value = random.bits32(i * 8 + 6);
    set_field(beat.data(), lsb, width, value);
    CHECK(get_field(beat.data(), lsb, width) == (value & low_mask(width)));
    for (int bit = 0; bit < 128; ++bit) {
      if (bit >= lsb && bit < lsb + width) continue;
      REQUIRE(get_field(beat.data(), bit, 1) == get_field(before.data(), bit, 1));
    }
  }
}

TEST_CASE("base.beats.fields.signed") {
  std::array<std::uint32_t, 2> beat{};
  set_field(beat.data(), 30, 5, -7);  // across the word border
  CHECK(beat[0] == 0x40000000U);      // -7 = 11001 in five bits: 01 at 31:30
  CHECK(beat[1] == 0x6U);             // 110 above
  CHECK(get_signed_field(beat.data(), 30, 5) == -7);
  set_field(beat.data(), 0, 32, -1);
  CHECK(get_signed_field(beat.data(), 0, 32) == -1);
}

TEST_CASE("base.beats.writer.equals_fields.random") {
  const CounterRandom random(1, "beats", "writer");
  for (int width = 1; width <= 32; ++width) {
    constexpr int kElements = 9;
    std::array<std::uint32_t, kElements + 1> written{};
    std::array<std::uint32_t, kElements + 1> expected{};
    BeatWriter writer(written.data());
    for (int i = 0; i < kElements; ++i) {
      const auto value = static_cast<std::int32_t>(random.bits32(static_cast<std::uint64_t>(width * kElements + i)));
      writer.put(value, width);
      set_field(expected.data(), i * width, width, value);
    }
    writer.finish();
    CHECK(written == expected);
  }
}

TEST_CASE("base.beats.sequence.sizes") {
  Beats beats(69);  // a wgt beat of the 8x8 array
  CHECK(beats.words_per_beat() == 3);
  beats.resize(5);
  CHECK(beats.size() == 5);
  CHECK(beats[4] == beats.data() + 12);
  const std::uint32_t* memory = beats.data();
  beats.resize(2);
  beats.resize(5);
  CHECK(beats.data() == memory);
}
