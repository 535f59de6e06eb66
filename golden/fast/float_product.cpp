// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/float_product.h"

namespace systole::fast {
namespace {

constexpr std::int64_t kExactFloat = std::int64_t{1} << 24;

using Sums = Eigen::Matrix<std::int64_t, 1, Eigen::Dynamic>;

}  // namespace

FloatProduct::FloatProduct(const op::Matrix& weights, std::int64_t largest_activation)
    : weights_(weights.cast<float>()) {
  Sums chunk = Sums::Zero(weights.cols());
  for (Eigen::Index k = 0; k < weights.rows(); ++k) {
    const Sums step = weights.row(k).cwiseAbs().cast<std::int64_t>() * largest_activation;
    chunk += step;
    if (step.maxCoeff() > kExactFloat) worthwhile_ = false;
    if (chunk.maxCoeff() <= kExactFloat) continue;
    chunk_ends_.push_back(k);
    chunk = step;
  }
  chunk_ends_.push_back(weights.rows());
  constexpr Eigen::Index kShortestChunk = 32;  // below, adding up the chunks costs as much as the product
  const auto chunks = static_cast<Eigen::Index>(chunk_ends_.size());
  if (chunks > 1 && weights.rows() < chunks * kShortestChunk) worthwhile_ = false;
}

void FloatProduct::run(const float* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace) const {
  const Eigen::Index out_c = weights_.cols();
  const Eigen::Map<const FloatMatrix> left(patches, rows, weights_.rows());
  Eigen::Map<FloatMatrix> product(workspace.product.get(rows * out_c), rows, out_c);
  Eigen::Map<op::Matrix> sum(acc, rows, out_c);
  Eigen::Index begin = 0;
  for (const Eigen::Index end : chunk_ends_) {
    product.noalias() = left.middleCols(begin, end - begin) * weights_.middleRows(begin, end - begin);
    if (begin == 0) {
      sum = product.cast<std::int32_t>();
    } else {
      sum += product.cast<std::int32_t>();
    }
    begin = end;
  }
}

}  // namespace systole::fast
