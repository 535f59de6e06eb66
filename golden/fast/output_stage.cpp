// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/output_stage.h"

#include <algorithm>

#include "golden/op/validate.h"

namespace systole::fast {
namespace {

using fixed::Rounding;

template <class T>
std::vector<std::int32_t> spread(const T& per_channel, std::int64_t channels, std::int64_t lanes) {
  std::vector<std::int32_t> result(static_cast<std::size_t>(lanes), 0);
  const auto length = static_cast<std::int64_t>(per_channel.size());
  if (length == 0) return result;  // no bias
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    result[static_cast<std::size_t>(lane)] = per_channel.data()[length == 1 ? 0 : lane % channels];
  }
  return result;
}

/// The rule and the mode are template arguments, so that the loop body is straight-line code on 64-bit lanes.
template <Rounding kRule, bool kMultiply>
void requantize_row(const OutputStage::Lanes& lanes, std::int64_t count, std::int32_t* values) {
  const std::int32_t* m0 = lanes.m0.data();
  const std::int32_t* lshift = lanes.lshift.data();
  const std::int32_t* n = lanes.n.data();
  const std::int64_t zero = lanes.zero_out;
  const std::int64_t low = lanes.act_min;
  const std::int64_t high = lanes.act_max;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t y = fixed::requantize(values[i], kRule, kMultiply, m0[i], lshift[i], n[i]) + zero;
    values[i] = static_cast<std::int32_t>(fixed::saturate(y, low, high));
  }
}

template <bool kMultiply>
auto requantize_of(Rounding rule) {
  switch (rule) {
    case Rounding::half_up:
      return &requantize_row<Rounding::half_up, kMultiply>;
    case Rounding::half_away:
      return &requantize_row<Rounding::half_away, kMultiply>;
    case Rounding::double_rounding:
      return &requantize_row<Rounding::double_rounding, kMultiply>;
    case Rounding::clipq:
      return &requantize_row<Rounding::clipq, kMultiply>;
    case Rounding::trunc:
      return &requantize_row<Rounding::trunc, kMultiply>;
    case Rounding::floor:
      break;
  }
  return &requantize_row<Rounding::floor, kMultiply>;
}

}  // namespace

OutputStage::OutputStage(const op::Layer& layer)
    : channels_(layer.out_c),
      has_bias_(layer.bias.size() != 0),
      psum_min_(fixed::psum_min(op::clamp_bits(layer))),
      psum_max_(fixed::psum_max(op::clamp_bits(layer))) {
  constexpr std::int64_t kEnoughLanes = 64;  // a few vectors of any width, so that loop ends do not dominate
  const std::int64_t lanes = channels_ * std::max<std::int64_t>(1, kEnoughLanes / channels_);
  const op::Requantization& out = layer.out;
  lanes_.bias = spread(layer.bias, channels_, lanes);
  if (out.raw) return;
  lanes_.m0 = spread(out.m0, channels_, lanes);
  lanes_.lshift = spread(out.lshift, channels_, lanes);
  lanes_.n = spread(out.n, channels_, lanes);
  lanes_.zero_out = out.zero_out;
  lanes_.act_min = out.act_min;
  lanes_.act_max = out.act_max;
  requantize_ = out.multiply ? requantize_of<true>(out.rule) : requantize_of<false>(out.rule);
}

void OutputStage::add_bias(const std::int32_t* acc, std::int64_t count, std::int32_t* out,
                           std::vector<std::int32_t>& overflow) const {
  const std::int32_t* bias = lanes_.bias.data();
  std::int32_t clamped = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t sum = std::int64_t{acc[i]} + bias[i];
    const std::int64_t biased = fixed::saturate(sum, psum_min_, psum_max_);
    clamped |= biased != sum ? 1 : 0;
    out[i] = static_cast<std::int32_t>(biased);
  }
  if (clamped == 0) return;  // the usual case: which channel it was matters only now
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t sum = std::int64_t{acc[i]} + bias[i];
    if (sum < psum_min_ || sum > psum_max_) overflow[static_cast<std::size_t>(i % channels_)] = 1;
  }
}

void OutputStage::apply(const std::int32_t* acc, std::int64_t pixels, std::int32_t* out,
                        std::vector<std::int32_t>& overflow, RunStats* stats) const {
  const auto lanes = static_cast<std::int64_t>(lanes_.bias.size());
  const std::int64_t total = pixels * channels_;
  for (std::int64_t first = 0; first < total; first += lanes) {
    const std::int64_t count = std::min(lanes, total - first);
    add_bias(acc + first, count, out + first, overflow);
    if (stats != nullptr) stats->observe(out + first, count);
    if (has_bias_ && stats != nullptr && stats->every != nullptr) stats->every->add(out + first, count);
    if (requantize_ != nullptr) requantize_(lanes_, count, out + first);
  }
}

}  // namespace systole::fast
