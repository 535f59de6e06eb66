// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/encoding.h"

#include <doctest/doctest.h>

#include <array>

#include "tests/support/random_layer.h"

using namespace systole;
using namespace systole::lower;
using accel::ChannelEntry;
using accel::Geometry;
using accel::Header;

namespace {

Header random_header(test::Draw& draw) {
  Header h;
  for (int* size : {&h.in_h, &h.in_w, &h.out_h, &h.out_w}) *size = draw.between(1, 255);
  for (int* nibble :
       {&h.kernel_h, &h.kernel_w, &h.stride_h, &h.stride_w, &h.dilation_h, &h.dilation_w, &h.pad_top, &h.pad_left}) {
    *nibble = draw.between(0, 15);
  }
  h.ic_tiles = draw.between(1, 65535);
  h.oc_tiles = draw.between(1, 65535);
  for (bool* flag : {&h.codebook, &h.act_signed, &h.wgt_signed, &h.raw, &h.multiply}) *flag = draw.one_in(2);
  h.accumulate = static_cast<accel::Accumulate>(draw.between(0, 2));
  h.rule = draw.between(0, 5);
  h.psum_bits = draw.between(0, 31);
  for (std::int32_t* half : {&h.zero_in, &h.zero_wgt, &h.zero_b, &h.zero_out, &h.act_min, &h.act_max}) {
    *half = draw.between(-32768, 32767);
  }
  h.m_a = draw.between(0, INT32_MAX);
  h.m_b = draw.between(0, INT32_MAX);
  for (int* shift : {&h.lshift_a, &h.n_a, &h.lshift_b, &h.n_b}) *shift = draw.between(0, 31);
  return h;
}

}  // namespace

TEST_CASE("lower.encoding.header.round_trip.random") {
  test::Draw draw(1, "command", "header");
  for (int i = 0; i < 500; ++i) {
    const Header header = random_header(draw);
    std::array<std::uint32_t, 12> beats{};
    beats.fill(0xFFFFFFFFU);  // pack must clear what it does not set
    pack(header, beats.data());
    CHECK(unpack_header(beats.data()) == header);
  }
}

// The words are put together by hand from the bit positions of docs/timing.md, section 2.
TEST_CASE("lower.encoding.header.bit_positions") {
  Header h;
  h.in_h = 0x11, h.in_w = 0x22, h.out_h = 0x33, h.out_w = 0x44;
  h.kernel_h = 1, h.kernel_w = 2, h.stride_h = 3, h.stride_w = 4;
  h.dilation_h = 5, h.dilation_w = 6, h.pad_top = 7, h.pad_left = 8;
  h.ic_tiles = 0x1234, h.oc_tiles = 0x5678;
  h.codebook = true, h.act_signed = false, h.wgt_signed = true, h.accumulate = accel::Accumulate::add2;
  h.raw = false, h.multiply = true, h.rule = 5, h.psum_bits = 0x15;
  h.zero_in = -1, h.zero_wgt = 2, h.zero_b = 3, h.zero_out = -2, h.act_min = -128, h.act_max = 127;
  h.m_a = 0x01020304, h.m_b = 0x05060708, h.lshift_a = 9, h.n_a = 10, h.lshift_b = 11, h.n_b = 12;
  std::array<std::uint32_t, 12> beats{};
  pack(h, beats.data());
  CHECK(beats[0] == 0x44332211U);
  CHECK(beats[1] == 0x87654321U);
  CHECK(beats[2] == 0x56781234U);
  // 96 codebook, 98 wgt_signed, 100 accumulate = 2, 102 multiply, 105:103 rule 5, 110:106 psum_bits 0x15
  CHECK(beats[3] == (1U | 1U << 2 | 2U << 3 | 1U << 6 | 5U << 7 | 0x15U << 10));
  CHECK(beats[4] == 0x0002FFFFU);
  CHECK(beats[5] == 0xFFFE0003U);
  CHECK(beats[6] == 0x007FFF80U);
  CHECK(beats[7] == 0U);
  CHECK(beats[8] == 0x01020304U);
  CHECK(beats[9] == 0x05060708U);
  CHECK(beats[10] == 0x0C0B0A09U);  // bytes: lshift_a 9, n_a 10, lshift_b 11, n_b 12
  CHECK(beats[11] == 0U);
}

TEST_CASE("lower.encoding.channel.round_trip.random") {
  test::Draw draw(1, "command", "channel");
  for (int i = 0; i < 200; ++i) {
    const ChannelEntry entry{draw.between(INT32_MIN, INT32_MAX), draw.between(0, INT32_MAX), draw.between(0, 31),
                             draw.between(0, 31)};
    std::array<std::uint32_t, 4> beat{};
    beat.fill(0xFFFFFFFFU);
    pack(entry, beat.data());
    CHECK(unpack_channel(beat.data()) == entry);
    CHECK((beat[2] & ~0x1F1FU) == 0U);
    CHECK(beat[3] == 0U);
  }
}
