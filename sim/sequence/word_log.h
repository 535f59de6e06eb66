// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which word of the design lies where in the bench's memory, so that an output can be traced back to the word that
// showed it. Kept while somebody asks for it (Bench::log).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "sim/sequence/port_value.h"

namespace systole::sequence {

/// A word of the design as the bench sees it, 32 bits each, least significant first; what is beyond them is left out.
using WordBits = std::array<std::uint32_t, 4>;

/// Of pins that move together, the first.
template <std::unsigned_integral Word>
WordBits word_bits(const Word& word) {
  return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(std::uint64_t{word} >> 32)};
}
template <std::size_t N>
WordBits word_bits(const std::array<std::uint32_t, N>& words) {
  WordBits bits{};
  std::copy_n(words.begin(), std::min(N, bits.size()), bits.begin());
  return bits;
}
template <class First, class... Others>
WordBits word_bits(const std::tuple<First, Others...>& words) {
  return word_bits(std::get<0>(words));
}

/// What the pins of a part that takes words show.
struct Shown {
  bool valid;            ///< the coming edge takes it, or would if the part were ready
  std::uint64_t number;  ///< words taken before, since reset
  WordBits word;
  int bits;  ///< of the port's type
};

/// Word `number` of part `part` (Part::number), taken at edge `cycle`.
struct Origin {
  std::size_t part;
  std::uint64_t number, cycle;
};

class WordLog {
 public:
  void put(const void* place, Origin origin) { places_.insert_or_assign(place, origin); }
  void forget(const void* place) { places_.erase(place); }
  [[nodiscard]] std::optional<Origin> at(const void* place) const {
    const auto found = places_.find(place);
    return found == places_.end() ? std::nullopt : std::optional(found->second);
  }
  void clear() { places_.clear(); }

 private:
  std::unordered_map<const void*, Origin> places_;
};

}  // namespace systole::sequence
