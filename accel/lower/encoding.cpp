// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/encoding.h"

namespace systole::lower {

namespace {

/// Visits every header field with its first bit and width, over the 384 bits of the three beats. One table serves both
/// directions.
template <class Visit>
void for_each_field(Visit&& visit) {
  visit(&accel::Header::in_h, 0, 8);
  visit(&accel::Header::in_w, 8, 8);
  visit(&accel::Header::out_h, 16, 8);
  visit(&accel::Header::out_w, 24, 8);
  visit(&accel::Header::kernel_h, 32, 4);
  visit(&accel::Header::kernel_w, 36, 4);
  visit(&accel::Header::stride_h, 40, 4);
  visit(&accel::Header::stride_w, 44, 4);
  visit(&accel::Header::dilation_h, 48, 4);
  visit(&accel::Header::dilation_w, 52, 4);
  visit(&accel::Header::pad_top, 56, 4);
  visit(&accel::Header::pad_left, 60, 4);
  visit(&accel::Header::ic_tiles, 64, 16);
  visit(&accel::Header::oc_tiles, 80, 16);
  visit(&accel::Header::rule, 103, 3);
  visit(&accel::Header::psum_bits, 106, 5);
  constexpr int kBeat2 = 2 * kCfgBits;
  visit(&accel::Header::m_a, kBeat2 + 0, 32);
  visit(&accel::Header::m_b, kBeat2 + 32, 32);
  visit(&accel::Header::lshift_a, kBeat2 + 64, 5);
  visit(&accel::Header::n_a, kBeat2 + 72, 5);
  visit(&accel::Header::lshift_b, kBeat2 + 80, 5);
  visit(&accel::Header::n_b, kBeat2 + 88, 5);
}

template <class Visit>
void for_each_signed_field(Visit&& visit) {
  constexpr int kBeat1 = kCfgBits;
  visit(&accel::Header::zero_in, kBeat1 + 0, 16);
  visit(&accel::Header::zero_wgt, kBeat1 + 16, 16);
  visit(&accel::Header::zero_b, kBeat1 + 32, 16);
  visit(&accel::Header::zero_out, kBeat1 + 48, 16);
  visit(&accel::Header::act_min, kBeat1 + 64, 16);
  visit(&accel::Header::act_max, kBeat1 + 80, 16);
}

template <class Visit>
void for_each_flag(Visit&& visit) {
  visit(&accel::Header::codebook, 96);
  visit(&accel::Header::act_signed, 97);
  visit(&accel::Header::wgt_signed, 98);
  visit(&accel::Header::raw, 101);
  visit(&accel::Header::multiply, 102);
}

constexpr int kAccumulateBit = 99;
constexpr int kAccumulateWidth = 2;

}  // namespace

void pack(const accel::Header& header, std::uint32_t* beats) {
  for (int word = 0; word < kHeaderBeats * kCfgBits / 32; ++word) beats[word] = 0;
  const auto put = [&](auto field, int lsb, int width) { base::set_field(beats, lsb, width, header.*field); };
  for_each_field(put);
  for_each_signed_field(put);
  for_each_flag([&](auto field, int bit) { base::set_field(beats, bit, 1, header.*field ? 1 : 0); });
  base::set_field(beats, kAccumulateBit, kAccumulateWidth, static_cast<std::int32_t>(header.accumulate));
}

std::array<std::uint32_t, kHeaderBeats * kCfgBits / 32> reserved_header_bits() {
  std::array<std::uint32_t, kHeaderBeats * kCfgBits / 32> used{};
  const auto mark = [&used](auto, int lsb, int width) { base::set_field(used.data(), lsb, width, -1); };
  for_each_field(mark);
  for_each_signed_field(mark);
  for_each_flag([&](auto field, int bit) { mark(field, bit, 1); });
  base::set_field(used.data(), kAccumulateBit, kAccumulateWidth, -1);
  for (std::uint32_t& word : used) word = ~word;
  return used;
}

accel::Header unpack_header(const std::uint32_t* beats) {
  accel::Header header;
  for_each_field([&](auto field, int lsb, int width) {
    header.*field = static_cast<std::int32_t>(base::get_field(beats, lsb, width));
  });
  for_each_signed_field(
      [&](auto field, int lsb, int width) { header.*field = base::get_signed_field(beats, lsb, width); });
  for_each_flag([&](auto field, int bit) { header.*field = base::get_field(beats, bit, 1) != 0; });
  header.accumulate = static_cast<accel::Accumulate>(base::get_field(beats, kAccumulateBit, kAccumulateWidth));
  return header;
}

void pack(const accel::ChannelEntry& entry, std::uint32_t* beat) {
  beat[2] = beat[3] = 0;
  base::set_field(beat, 0, 32, entry.bias);
  base::set_field(beat, 32, 32, entry.m0);
  base::set_field(beat, 64, 5, entry.lshift);
  base::set_field(beat, 72, 5, entry.n);
}

accel::ChannelEntry unpack_channel(const std::uint32_t* beat) {
  return {base::get_signed_field(beat, 0, 32), base::get_signed_field(beat, 32, 32),
          static_cast<int>(base::get_field(beat, 64, 5)), static_cast<int>(base::get_field(beat, 72, 5))};
}

}  // namespace systole::lower
