// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes TFLite files for tests, tensor by tensor.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace systole::test {

/// Numbers of the public schema.
namespace tflite_code {
inline constexpr int kAdd = 0, kAveragePool = 1, kConv = 3, kDepthwise = 4, kFullyConnected = 9, kLstm = 16,
                     kMaxPool = 17, kReshape = 22, kSoftmax = 25, kCustom = 32, kPad = 34, kMean = 40, kQuantize = 114;
inline constexpr int kFloat32 = 0, kInt32 = 2, kInt8 = 9;
inline constexpr int kSame = 0, kValid = 1;
inline constexpr int kNone = 0, kRelu = 1, kRelu6 = 3, kTanh = 4;
}  // namespace tflite_code

struct TfliteTensor {
  std::vector<int> shape{};
  int type = tflite_code::kInt8;
  std::vector<float> scale{0.5F};
  std::vector<std::int64_t> zero{0};
  int dimension = 0;
  std::vector<std::uint8_t> data{};
  std::string name = "t";
};

struct TfliteOp {
  int code = 0;
  std::vector<int> inputs{}, outputs{};  // initialized: tests name only the fields they mean
  int padding = tflite_code::kValid;
  int stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, kernel_h = 1, kernel_w = 1;
  int activation = tflite_code::kNone;
};

struct TfliteFile {
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOp> ops;
  std::vector<int> inputs{0}, outputs;
  unsigned version = 3;

  int add(TfliteTensor tensor) {
    tensors.push_back(std::move(tensor));
    return static_cast<int>(tensors.size()) - 1;
  }
  [[nodiscard]] std::vector<std::byte> bytes() const;
};

std::vector<std::uint8_t> int8_data(const std::vector<int>& values);
std::vector<std::uint8_t> int32_data(const std::vector<int>& values);

}  // namespace systole::test
