// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small TFLite networks with random constants.
#include <string>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "tests/unit/import/tflite_builder.h"

namespace systole::test {

/// Appends operators to a file whose last tensor is the output; every tensor's numbers are drawn.
class RandomGraph {
 public:
  /// The input is [1, height, width, channels].
  RandomGraph(const std::string& name, int height, int width, int channels);

  /// The tensor that the next operator reads, until at() says otherwise.
  [[nodiscard]] int last() const { return last_; }
  RandomGraph& at(int tensor);

  RandomGraph& conv(int channels, const TfliteOp& geometry);         ///< a scale per channel
  RandomGraph& depthwise(int multiplier, const TfliteOp& geometry);  ///< a scale per channel
  RandomGraph& fully_connected(int outputs, bool per_channel, int activation);
  RandomGraph& add(int other, int activation);
  RandomGraph& pool(int code, const TfliteOp& geometry);
  RandomGraph& pad(int top, int bottom, int left, int right);
  RandomGraph& reshape(std::vector<int> shape);
  RandomGraph& softmax();

  [[nodiscard]] TfliteFile file() const;
  /// `count` values of -128 .. 127.
  std::vector<int> draw_values(std::size_t count);

 private:
  [[nodiscard]] const std::vector<int>& shape() const { return file_.tensors[static_cast<std::size_t>(last_)].shape; }
  int draw(int low, int high);
  float draw_scale();
  int output(std::vector<int> shape);
  /// The operator's output with the input's scale and zero point.
  int same_scale_output(std::vector<int> shape);
  int constant(std::vector<int> shape, int values_of_a_channel, int channels, int dimension, bool per_channel);
  int bias(int channels);
  void push(TfliteOp op, int code, std::vector<int> inputs, int out);

  TfliteFile file_;
  fixed::CounterRandom random_;
  std::uint64_t draws_ = 0;
  int last_ = 0;
};

/// Each operator of the import at least once.
TfliteFile every_operator();

/// Every tensor that flows, by number, for an input in HWC order: a plain interpreter of TFLite's int8 reference
/// kernels whose rounding is gemmlowp's own.
std::vector<std::vector<int>> interpret(const TfliteFile& file, const std::vector<int>& input);

}  // namespace systole::test
