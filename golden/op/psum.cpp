// SPDX-License-Identifier: Apache-2.0
#include "golden/op/psum.h"

#include <algorithm>
#include <string>

#include "golden/fixed/saturate.h"
#include "golden/op/validate.h"

namespace systole::op {

Psum::Psum(const Layer& layer, int oc, PsumLog& log)
    : bits_(clamp_bits(layer)), oc_(static_cast<std::size_t>(oc)), log_(log) {}

std::int64_t Psum::clamp(std::int64_t x) {
  const fixed::ClampedPsum clamped = fixed::clamp_psum(x, bits_);
  if (clamped.overflow) overflows();
  return clamped.value;
}

std::int64_t Psum::accumulate(std::int64_t sum) {
  const std::int64_t result = clamp(sum);
  if (log_.keep) log_.sums.push_back(result);
  return result;
}

std::int64_t Psum::lone_product(std::int64_t product) {
  const std::int64_t result = clamp(product);
  if (log_.keep) log_.products.push_back(result);
  return result;
}

std::int64_t Psum::pass_ends(std::int64_t acc) {
  log_.low = std::min(log_.low, acc);
  log_.high = std::max(log_.high, acc);
  return acc;
}

void Psum::overflows() { log_.overflow[oc_] = 1; }

std::int64_t Psum::lowest() const { return fixed::psum_min(bits_); }

void report_overflow(const Layer& layer, std::int64_t oc) {
  throw fixed::OverflowError("layer '" + layer.name + "', output channel " + std::to_string(oc) +
                             ": a partial sum leaves psum_width = " + std::to_string(layer.psum_width) + " bits");
}

}  // namespace systole::op
