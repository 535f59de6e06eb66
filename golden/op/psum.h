// SPDX-License-Identifier: Apache-2.0
#pragma once
// The accumulator's register in the specification: every sum passes clamp_psum, and what happened to it is noted.
#include <cstdint>
#include <limits>
#include <vector>

#include "golden/op/layer.h"

namespace systole::op {

/// What a layer's partial sums did. Each run adds to it.
struct PsumLog {
  bool keep = false;                   ///< fill `sums` and `products` too: a value for every product of the layer
  std::vector<std::uint8_t> overflow;  ///< per output channel: 1 where a clamp changed a value (sticky)
  std::int64_t low = std::numeric_limits<std::int64_t>::max();   ///< of the accumulator after each pass (channelwise:
  std::int64_t high = std::numeric_limits<std::int64_t>::min();  ///< after each input channel), and with the bias
  std::vector<std::int64_t> sums;                                ///< result of every accumulation, in the layer's order
  std::vector<std::int64_t> products;                            ///< of columns that hold one product by itself
};

/// The register of one output value.
class Psum {
 public:
  /// `log.overflow` holds out_c entries.
  Psum(const Layer& layer, int oc, PsumLog& log);

  /// clamp_psum(x, b), b of clamp_bits(); notes an overflow.
  [[nodiscard]] std::int64_t clamp(std::int64_t x);
  /// The same for the result of an accumulation, and for a product that stands by itself.
  [[nodiscard]] std::int64_t accumulate(std::int64_t sum);
  [[nodiscard]] std::int64_t lone_product(std::int64_t product);
  /// Notes an accumulator at the end of a pass and returns it.
  std::int64_t pass_ends(std::int64_t acc);
  /// Notes an overflow of another kind.
  void overflows();
  /// The least value: a maximum starts there.
  [[nodiscard]] std::int64_t lowest() const;

 private:
  int bits_;
  std::size_t oc_;
  PsumLog& log_;
};

/// Throws fixed::OverflowError, naming layer and channel.
[[noreturn]] void report_overflow(const Layer& layer, std::int64_t oc);

}  // namespace systole::op
