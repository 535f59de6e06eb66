// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

namespace systole::dut {

/// While one lives, models that this thread makes start from random bits, not from 0, in all that nothing initialises:
/// registers without reset, and inputs until somebody drives them.
class RandomStart {
 public:
  explicit RandomStart(std::uint64_t seed) { current() = static_cast<int>(seed % 0x7fffffff) + 1; }
  ~RandomStart() { current().reset(); }
  RandomStart(const RandomStart&) = delete;
  RandomStart& operator=(const RandomStart&) = delete;
  RandomStart(RandomStart&&) = delete;
  RandomStart& operator=(RandomStart&&) = delete;

  /// For who makes a model: 1 .. 2^31 - 1, as Verilator takes it.
  static std::optional<int>& current() {
    thread_local std::optional<int> seed;
    return seed;
  }
};

}  // namespace systole::dut
