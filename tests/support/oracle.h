// SPDX-License-Identifier: Apache-2.0
#pragma once
// The layers once more, as plain loops straight from docs/numerics.md: no code shared with golden/op or golden/fixed,
// no thought for speed. A test that compares the two compares the page's formulas with the golden.
#include <cstdint>
#include <vector>

#include "golden/op/layer.h"

namespace systole::test {

struct OracleResult {
  op::Tensor out;
  std::vector<bool> overflow;                               ///< sticky, per output channel
  std::int64_t psum_min = INT64_MAX, psum_max = INT64_MIN;  ///< acc after every pass (channelwise: channel), and biased
};

/// `b` is null except for Kind::add. The order of accumulation is `array`, or `channelwise` on request.
OracleResult oracle(const op::Layer& layer, const op::Tensor& a, const op::Tensor* b = nullptr,
                    bool channelwise = false);

/// Kind::concat: one tensor per input.
OracleResult oracle_concat(const op::Layer& layer, const std::vector<op::Tensor>& inputs);

/// requantize of docs/numerics.md section 3 on 128-bit integers, division instead of shifts.
std::int64_t oracle_requantize(std::int64_t x, int rule, bool multiply, std::int64_t m0, int lshift, int n);

}  // namespace systole::test
