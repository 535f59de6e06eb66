// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counter-based random numbers: a draw is a pure function of (seed, test, stream, index), so it is the same in any
// build, in any order of calls and with any number of workers. The bijection is Philox4x32-10 of Salmon, Moraes, Dror
// and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Not for cryptography.
#include <array>
#include <cassert>
#include <cstdint>
#include <string_view>

namespace systole::fixed {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox4x32-10: ten rounds of two 32 x 32 bit products whose halves change places, the key bumped after each round.
constexpr PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key) {
  constexpr int kRounds = 10;
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;  // golden ratio, sqrt(3) - 1
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key = {key[0] + kWeyl0, key[1] + kWeyl1};
  }
  return counter;
}

/// FNV-1a, 32 bit: the number of a test or stream from its name.
constexpr std::uint32_t name_hash(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char character : name) hash = (hash ^ static_cast<unsigned char>(character)) * 16777619U;
  return hash;
}

/// The draws of one stream of one test. `index` < 2^48 everywhere; equal arguments give equal draws.
class CounterRandom {
 public:
  constexpr CounterRandom(std::uint64_t seed, std::uint32_t test, std::uint32_t stream)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, test_(test), stream_(stream) {}
  constexpr CounterRandom(std::uint64_t seed, std::string_view test, std::string_view stream)
      : CounterRandom(seed, name_hash(test), name_hash(stream)) {}

  /// 32 uniform bits.
  [[nodiscard]] constexpr std::uint32_t bits32(std::uint64_t index) const { return block(index, 0)[0]; }

  /// 64 uniform bits.
  [[nodiscard]] constexpr std::uint64_t bits64(std::uint64_t index) const {
    const PhiloxCounter words = block(index, 0);
    return std::uint64_t{words[1]} << 32 | words[0];
  }

  /// Uniform in 0 .. n - 1, n >= 1, without bias: the high half of word * n, words whose low half falls among the first
  /// 2^32 mod n values drawn again (Lemire, "Fast random integer generation in an interval", 2019).
  [[nodiscard]] constexpr std::uint32_t below(std::uint64_t index, std::uint32_t n) const {
    assert(n >= 1);
    const std::uint32_t rejected = (0U - n) % n;
    for (std::uint64_t attempt = 0;; ++attempt) {
      for (const std::uint32_t word : block(index, attempt)) {
        const std::uint64_t product = std::uint64_t{word} * n;
        if (static_cast<std::uint32_t>(product) >= rejected) return static_cast<std::uint32_t>(product >> 32);
      }
    }
  }

  /// Uniform in lo .. hi, both included, lo <= hi.
  [[nodiscard]] constexpr std::int32_t between(std::uint64_t index, std::int32_t lo, std::int32_t hi) const {
    assert(lo <= hi);
    const std::uint32_t span = static_cast<std::uint32_t>(hi) - static_cast<std::uint32_t>(lo) + 1U;
    if (span == 0) return static_cast<std::int32_t>(bits32(index));  // all 2^32 values
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(lo) + below(index, span));
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  [[nodiscard]] constexpr double real(std::uint64_t index) const {
    return static_cast<double>(bits64(index) >> 11) * 0x1p-53;
  }

 private:
  /// The attempt sits above the 48 bits of the index, so that a rejected draw never meets another index's words.
  [[nodiscard]] constexpr PhiloxCounter block(std::uint64_t index, std::uint64_t attempt) const {
    assert(index < std::uint64_t{1} << 48);
    const std::uint64_t position = index | attempt << 48;
    return philox4x32_10(
        {static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32), stream_, test_}, key_);
  }

  PhiloxKey key_;
  std::uint32_t test_;
  std::uint32_t stream_;
};

}  // namespace systole::fixed
