// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "golden/fast/float_product.h"
#include "golden/fast/ordered_sum.h"

namespace systole::fast {

/// The sums of products of a convolution or fully connected layer over patches, by whichever way is exact for its
/// parameters.
class DotProducts {
 public:
  /// `channels` of a patch's taps; the layer's weights are out_c x (taps * channels).
  DotProducts(const op::Layer& layer, std::int64_t channels, op::PsumOrder order);

  /// True where the sums may be taken in any order, in floating point: no alignment shift, and no order of the products
  /// can reach a clamp. A layer whose partial sums are observed, or whose accumulator is and saturates, runs in its
  /// declared order all the same.
  [[nodiscard]] bool order_free(const RunStats* stats) const {
    return order_free_ && (stats == nullptr || !(saturate_ || stats->every != nullptr));
  }

  void run(const float* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
           RunStats* /*stats*/) const {
    float_product_.run(patches, rows, acc, workspace);
  }
  void run(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
           RunStats* stats) const {
    ordered_sum_.run(patches, rows, acc, workspace, stats);
  }

 private:
  DotProducts(const op::Layer& layer, const op::Matrix& levels, std::int64_t channels, op::PsumOrder order);

  FloatProduct float_product_;
  OrderedSum ordered_sum_;
  bool saturate_;
  bool order_free_;
};

/// The largest abs(act - zero) of an element type.
[[nodiscard]] std::int64_t largest_activation(const op::Layer& layer, std::int32_t zero);

/// level - zero_wgt of every weight, the codebook applied; same shape as layer.weights.
[[nodiscard]] op::Matrix centred_levels(const op::Layer& layer);

/// image[i] = act - zero for a tensor in HWC order.
template <class T>
void centre(const op::Tensor& input, std::int32_t zero, T* image) {
  const std::int32_t* values = input.data.data();
  for (Eigen::Index i = 0; i < input.data.size(); ++i) image[i] = static_cast<T>(values[i] - zero);
}

}  // namespace systole::fast
