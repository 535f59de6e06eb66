// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "golden/fast/run_stats.h"
#include "golden/op/layer.h"

namespace systole::fast {

/// From accumulator to output value, docs/numerics.md section 4: bias, clamp, requantize, zero point, activation
/// bounds. Holds the layer's per-channel parameters spread out for vector arithmetic.
class OutputStage {
 public:
  /// `layer` must have passed validate().
  explicit OutputStage(const op::Layer& layer);

  /// out[p][oc] from acc[p][oc] for `pixels` rows of out_c values; acc and out are different memory. Sets overflow[oc]
  /// where the biased sum was clamped, widens `stats` (if any) by the biased sums and counts what it asks for.
  void apply(const std::int32_t* acc, std::int64_t pixels, std::int32_t* out, std::vector<std::int32_t>& overflow,
             RunStats* stats) const;

  /// Parameters by lane. A lane is a channel; where channels are few, several pixels' channels stand side by side.
  struct Lanes {
    std::vector<std::int32_t> bias, m0, lshift, n;
    std::int64_t zero_out = 0, act_min = 0, act_max = 0;
  };

 private:
  void add_bias(const std::int32_t* acc, std::int64_t count, std::int32_t* out,
                std::vector<std::int32_t>& overflow) const;

  using RequantizeRow = void (*)(const Lanes&, std::int64_t, std::int32_t*);
  Lanes lanes_;
  std::int64_t channels_ = 0;
  bool has_bias_ = false;
  std::int64_t psum_min_ = 0, psum_max_ = 0;
  using CountRow = void (*)(const Lanes&, std::int64_t, const std::int32_t*, OutputFacts&);
  RequantizeRow requantize_ = nullptr;  ///< null in raw mode
  CountRow count_ = nullptr;            ///< the same
};

}  // namespace systole::fast
