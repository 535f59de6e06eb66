// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "golden/fixed/counter_random.h"
#include "golden/op/tensor.h"

namespace systole::op {

/// Element i, row by row, := draw i of `random`, low .. high.
inline void random_fill(Matrix& values, const fixed::CounterRandom& random, std::int32_t low, std::int32_t high) {
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    values.data()[i] = random.between(static_cast<std::uint64_t>(i), low, high);
  }
}

}  // namespace systole::op
