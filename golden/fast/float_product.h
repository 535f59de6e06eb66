// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "golden/fast/workspace.h"
#include "golden/op/tensor.h"

namespace systole::fast {

/// Exact integer matrix product on the floating-point unit. A float holds every integer up to 2^24 in magnitude. The
/// depth is cut into chunks over which, for every output channel, sum(max|a| * |w|) <= 2^24: whatever the order in
/// which Eigen adds (with or without fused multiply-add), every product and every partial sum of a chunk is such an
/// integer, so nothing is rounded. The chunks are added in 32-bit integers.
class FloatProduct {
 public:
  /// `weights`: depth x out_c integers; every operand a satisfies abs(a) <= largest_activation.
  FloatProduct(const op::Matrix& weights, std::int64_t largest_activation);

  /// False where chunks would be too short to pay, or a single product already leaves 2^24 (wide operands).
  [[nodiscard]] bool worthwhile() const { return worthwhile_; }

  /// acc[row][oc] = sum over k of patches[row][k] * weights[k][oc]. The caller knows that every sum over leading chunks
  /// fits 32 bits.
  void run(const float* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace) const;

 private:
  using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  FloatMatrix weights_;
  std::vector<Eigen::Index> chunk_ends_;
  bool worthwhile_ = true;
};

}  // namespace systole::fast
