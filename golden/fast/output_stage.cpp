// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/output_stage.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

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

/// The rule most easily taken for `rule`: the two differ for few values, and those decide which one it is.
///   floor, trunc             negative fractions         half_up, half_away   negative ties
///   clipq, trunc             negative multiples of 2^s  double, half_away    what the first of two roundings moves
constexpr Rounding relative(Rounding rule) {
  constexpr std::array<Rounding, fixed::kRoundingCount> kRelatives{
      Rounding::trunc, Rounding::half_away, Rounding::half_up, Rounding::half_away, Rounding::trunc, Rounding::clipq};
  return kRelatives[static_cast<std::size_t>(rule)];
}

/// Whether requantize() of `x` meets a tie: product / 2^shift, of double rounding its second step, halfway.
template <Rounding kRule, bool kMultiply>
bool is_tie(std::int32_t x, std::int32_t m0, int lshift, int n) {
  if (kRule != Rounding::half_up && kRule != Rounding::half_away && kRule != Rounding::double_rounding) return false;
  const std::int32_t x1 = fixed::saturating_shift_left(x, lshift);
  std::int64_t dividend = x1;
  int shift = n;
  if (kMultiply && kRule == Rounding::double_rounding) {
    dividend = fixed::saturating_rounding_doubling_high_mul(x1, m0);
  } else if (kMultiply) {
    dividend *= m0;
    shift += 31;
  }
  const std::int64_t unit = std::int64_t{1} << shift;
  return shift > 0 && (dividend & (unit - 1)) == unit / 2;
}

template <Rounding kRule, bool kMultiply>
void count_row(const OutputStage::Lanes& lanes, std::int64_t count, const std::int32_t* values, OutputFacts& facts) {
  facts.values += static_cast<std::uint64_t>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int32_t x = values[i];
    const std::int32_t m0 = lanes.m0[static_cast<std::size_t>(i)];
    const int lshift = lanes.lshift[static_cast<std::size_t>(i)];
    const int n = lanes.n[static_cast<std::size_t>(i)];
    const std::int64_t y = fixed::requantize(x, kRule, kMultiply, m0, lshift, n);
    facts.unlike_relative += y != fixed::requantize(x, relative(kRule), kMultiply, m0, lshift, n) ? 1 : 0;
    facts.ties += is_tie<kRule, kMultiply>(x, m0, lshift, n) ? 1 : 0;
    facts.left_shift_saturates += fixed::saturating_shift_left(x, lshift) != std::int64_t{x} << lshift ? 1 : 0;
    facts.below_act_min += y + lanes.zero_out < lanes.act_min ? 1 : 0;
    facts.above_act_max += y + lanes.zero_out > lanes.act_max ? 1 : 0;
  }
}

/// The same function template for the rule and mode of a layer.
template <bool kMultiply>
auto rows_of(Rounding rule) {
  const auto rows = []<Rounding kRule>() {
    return std::pair{&requantize_row<kRule, kMultiply>, &count_row<kRule, kMultiply>};
  };
  switch (rule) {
    case Rounding::half_up:
      return rows.template operator()<Rounding::half_up>();
    case Rounding::half_away:
      return rows.template operator()<Rounding::half_away>();
    case Rounding::double_rounding:
      return rows.template operator()<Rounding::double_rounding>();
    case Rounding::clipq:
      return rows.template operator()<Rounding::clipq>();
    case Rounding::trunc:
      return rows.template operator()<Rounding::trunc>();
    case Rounding::floor:
      break;
  }
  return rows.template operator()<Rounding::floor>();
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
  std::tie(requantize_, count_) = out.multiply ? rows_of<true>(out.rule) : rows_of<false>(out.rule);
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
    if (count_ != nullptr && stats != nullptr && stats->count_output) count_(lanes_, count, out + first, stats->output);
    if (requantize_ != nullptr) requantize_(lanes_, count, out + first);
  }
}

}  // namespace systole::fast
