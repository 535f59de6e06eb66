// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/stall.h"

#include <algorithm>

namespace systole::kernel {

std::optional<Stall> stall_from_string(std::string_view name) {
  const auto* found = std::find(kStallNames.begin(), kStallNames.end(), name);
  if (found == kStallNames.end()) return std::nullopt;
  return static_cast<Stall>(found - kStallNames.begin());
}

namespace {

fixed::CounterRandom stream_random(std::uint64_t seed, std::string_view test, Stream stream) {
  return {seed, test, kStreamNames[static_cast<std::size_t>(stream)]};
}

}  // namespace

StallPattern::StallPattern(Stall stall, std::uint64_t seed, std::string_view test, unsigned of_256)
    : stall_(stall),
      of_256_(of_256),
      random_{stream_random(seed, test, Stream::cfg), stream_random(seed, test, Stream::wgt),
              stream_random(seed, test, Stream::act), stream_random(seed, test, Stream::out)} {}

bool StallPattern::affects(std::size_t stream) const {
  const bool output = stream == static_cast<std::size_t>(Stream::out);
  return output ? stall_ != Stall::in : stall_ != Stall::out;
}

std::uint32_t StallPattern::mask(std::size_t stream, std::uint64_t block) const {
  constexpr unsigned kDigits = 8;
  const fixed::CounterRandom& random = random_[stream];
  if (of_256_ >= 256) return ~std::uint32_t{0};
  if (stall_ == Stall::bursts) return random.bits32(block) % 256 < of_256_ ? ~std::uint32_t{0} : 0;
  // 32 independent draws at once: from the lowest binary digit of the probability up, a digit 1 ors and a digit 0 ands
  // a word of fair bits, which halves the distance to 1 or to 0: p := (p + digit) / 2.
  std::uint32_t result = 0;
  for (unsigned digit = 0; digit < kDigits; ++digit) {
    const std::uint32_t fair = random.bits32(block * kDigits + digit);
    result = (of_256_ >> digit & 1U) != 0 ? result | fair : result & fair;
  }
  return result;
}

void StallPattern::draw(std::uint64_t block) {
  block_ = block;
  for (std::size_t stream = 0; stream < masks_.size(); ++stream) {
    masks_[stream] = affects(stream) ? mask(stream, block) : 0;
  }
}

}  // namespace systole::kernel
