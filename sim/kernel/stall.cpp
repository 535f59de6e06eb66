// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/stall.h"

#include <algorithm>

namespace systole::kernel {

std::optional<Stall> stall_from_string(std::string_view name) {
  const auto* found = std::find(kStallNames.begin(), kStallNames.end(), name);
  if (found == kStallNames.end()) return std::nullopt;
  return static_cast<Stall>(found - kStallNames.begin());
}

StreamNames stream_names(const port::PinMap& map) {
  StreamNames names;
  for (const port::InStream& stream : map.inputs) names.push_back(stream.name);
  names.push_back(map.output.name);
  return names;
}

StallPattern::StallPattern(Stall stall, std::uint64_t seed, std::string_view test, const StreamNames& streams,
                           unsigned of_256)
    : stall_(stall), of_256_(of_256), masks_(streams.size()) {
  for (const std::string& stream : streams) random_.emplace_back(seed, test, stream);
}

bool StallPattern::affects(std::size_t stream) const {
  const bool output = stream + 1 == masks_.size();
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
