// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/accuracy.h"

#include <stdexcept>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"

namespace systole::dataset {

namespace {

/// Position of the largest logit, in HWC order; Eigen returns the first of equals.
template <typename Matrix>
int largest(const Matrix& logits) {
  Eigen::Index row = 0, column = 0;
  logits.maxCoeff(&row, &column);
  return static_cast<int>(row * logits.cols() + column);
}

template <typename Executor, typename Network>
double fraction_right(Executor executor, const Network& network, const Dataset& dataset, std::int64_t first,
                      std::int64_t count) {
  if (count < 1) throw std::invalid_argument("accuracy: expected at least one image");
  std::int64_t right = 0;
  for (std::int64_t i = first; i < first + count; ++i) {
    const Image image = dataset.at(i);
    const auto& outputs = executor.run(model::to_input(network.input, image.pixels));
    if (largest(outputs.back().data) == image.label) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

}  // namespace

double accuracy(const model::Network& network, const Dataset& dataset, std::int64_t first, std::int64_t count) {
  return fraction_right(model::Executor(network), network, dataset, first, count);
}

double accuracy(const model::FloatNetwork& network, const Dataset& dataset, std::int64_t first, std::int64_t count,
                const model::BeforeRelu& before_relu) {
  return fraction_right(model::FloatExecutor(network, before_relu), network, dataset, first, count);
}

std::vector<int> answers(const model::FloatNetwork& network, const Dataset& dataset, std::int64_t first,
                         std::int64_t count) {
  model::FloatExecutor executor(network);
  std::vector<int> result;
  for (std::int64_t i = first; i < first + count; ++i) {
    result.push_back(largest(executor.run(model::to_input(network.input, dataset.at(i).pixels)).back().data));
  }
  return result;
}

}  // namespace systole::dataset
