// SPDX-License-Identifier: Apache-2.0
#pragma once
// How much a random test draws.
#include <cstdlib>

namespace systole::test {

/// `count`, times SYSTOLE_ROUNDS where that is set: the slow tier draws more of the same, the first `count` included.
template <class Integer>
Integer rounds(Integer count) {
  const char* factor = std::getenv("SYSTOLE_ROUNDS");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return factor == nullptr ? count : count * static_cast<Integer>(std::atoi(factor));
}

}  // namespace systole::test
