// SPDX-License-Identifier: Apache-2.0
#include <gemmlowp/fixedpoint/fixedpoint.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "tests/unit/import/networks.h"

namespace systole::test {

using namespace tflite_code;  // the numbers only

namespace {

/// value * real, real as QuantizeMultiplier writes it, in gemmlowp's two roundings.
std::int32_t scaled(std::int32_t value, double real) {
  int exponent = 0;
  auto m0 = static_cast<std::int64_t>(std::round(std::frexp(real, &exponent) * 2147483648.0));
  if (m0 == 2147483648) {
    m0 /= 2;
    ++exponent;
  }
  const std::int32_t raised = exponent > 0 ? value * (1 << exponent) : value;
  return gemmlowp::RoundingDivideByPOT(
      gemmlowp::SaturatingRoundingDoublingHighMul(raised, static_cast<std::int32_t>(m0)), exponent < 0 ? -exponent : 0);
}

class Interpreter {
 public:
  Interpreter(const TfliteFile& file, const std::vector<int>& input) : file_(file), values_(file.tensors.size()) {
    values_[static_cast<std::size_t>(file.inputs[0])] = input;
  }

  std::vector<std::vector<int>> run() {
    for (const TfliteOp& op : file_.ops) step(op);
    return std::move(values_);
  }

 private:
  [[nodiscard]] const TfliteTensor& tensor(int i) const { return file_.tensors[static_cast<std::size_t>(i)]; }
  [[nodiscard]] double scale(int i, int channel = 0) const {
    const std::vector<float>& s = tensor(i).scale;
    return static_cast<double>(s[s.size() == 1 ? 0 : static_cast<std::size_t>(channel)]);
  }
  [[nodiscard]] int zero(int i) const { return static_cast<int>(tensor(i).zero[0]); }
  [[nodiscard]] int weight(int i, int at) const {
    return static_cast<std::int8_t>(tensor(i).data[static_cast<std::size_t>(at)]);
  }
  [[nodiscard]] int int32(const TfliteOp& op, std::size_t input, int at) const {
    if (op.inputs.size() <= input || op.inputs[input] < 0) return 0;
    int value = 0;
    std::memcpy(&value, tensor(op.inputs[input]).data.data() + static_cast<std::size_t>(at) * sizeof value,
                sizeof value);
    return value;
  }
  static int index(const std::vector<int>& shape, int y, int x, int c) { return (y * shape[2] + x) * shape[3] + c; }

  [[nodiscard]] int clamped(const TfliteOp& op, int value) const {
    const int out = op.outputs[0];
    const auto steps = [&](double real) {
      return zero(out) + static_cast<int>(std::lround(static_cast<float>(real) / tensor(out).scale[0]));
    };
    int low = -128;
    int high = 127;
    if (op.activation == kRelu || op.activation == kRelu6) low = std::max(low, steps(0));
    if (op.activation == kRelu6) high = std::min(high, steps(6));
    return std::clamp(value, low, high);
  }

  /// Calls tap(y, x, kernel row, kernel column) for the taps of an output pixel that lie inside of the input.
  template <typename Tap>
  void taps(const TfliteOp& op, int kernel_h, int kernel_w, int oy, int ox, Tap tap) const {
    const std::vector<int>& in = tensor(op.inputs[0]).shape;
    const std::vector<int>& out = tensor(op.outputs[0]).shape;
    const auto before = [&](int i, int o, int kernel, int stride, int dilation) {
      return op.padding == kValid ? 0 : std::max(0, (o - 1) * stride + (kernel - 1) * dilation + 1 - i) / 2;
    };
    const int top = before(in[1], out[1], kernel_h, op.stride_h, op.dilation_h);
    const int left = before(in[2], out[2], kernel_w, op.stride_w, op.dilation_w);
    for (int ky = 0; ky < kernel_h; ++ky) {
      for (int kx = 0; kx < kernel_w; ++kx) {
        const int y = oy * op.stride_h - top + ky * op.dilation_h;
        const int x = ox * op.stride_w - left + kx * op.dilation_w;
        if (y >= 0 && y < in[1] && x >= 0 && x < in[2]) tap(y, x, ky, kx);
      }
    }
  }

  /// Calls pixel(y, x, channel) for every output value and keeps what it returns.
  template <typename Pixel>
  void map(const TfliteOp& op, Pixel pixel) {
    const std::vector<int>& shape = tensor(op.outputs[0]).shape;
    std::vector<int>& out = values_[static_cast<std::size_t>(op.outputs[0])];
    for (int y = 0; y < shape[1]; ++y) {
      for (int x = 0; x < shape[2]; ++x) {
        for (int c = 0; c < shape[3]; ++c) out.push_back(clamped(op, pixel(y, x, c)));
      }
    }
  }

  [[nodiscard]] const std::vector<int>& input(const TfliteOp& op, std::size_t i = 0) const {
    return values_[static_cast<std::size_t>(op.inputs[i])];
  }

  void step(const TfliteOp& op) {
    switch (op.code) {
      case kConv:
      case kDepthwise:
        return convolution(op);
      case kFullyConnected:
        return fully_connected(op);
      case kAdd:
        return add(op);
      case kMaxPool:
      case kAveragePool:
        return pool(op);
      case kPad:
        return pad(op);
      case kReshape:
      case kSoftmax:
        values_[static_cast<std::size_t>(op.outputs[0])] = input(op);
        return;
      default:
        throw std::invalid_argument("no reference of this operator");
    }
  }

  void convolution(const TfliteOp& op) {
    const std::vector<int>& in = tensor(op.inputs[0]).shape;
    const std::vector<int>& filter = tensor(op.inputs[1]).shape;
    const bool depthwise = op.code == kDepthwise;
    const int multiplier = depthwise ? filter[3] / in[3] : 1;
    map(op, [&](int oy, int ox, int oc) {
      int sum = int32(op, 2, oc);
      taps(op, filter[1], filter[2], oy, ox, [&](int y, int x, int ky, int kx) {
        for (int ic = depthwise ? oc / multiplier : 0; ic < in[3]; ++ic) {
          const int a = input(op)[static_cast<std::size_t>(index(in, y, x, ic))] - zero(op.inputs[0]);
          const int tap = ky * filter[2] + kx;
          sum += a * (depthwise ? weight(op.inputs[1], tap * filter[3] + oc)
                                : weight(op.inputs[1], (oc * filter[1] * filter[2] + tap) * in[3] + ic));
          if (depthwise) break;
        }
      });
      const double real = scale(op.inputs[0]) * scale(op.inputs[1], oc) / scale(op.outputs[0]);
      return scaled(sum, real) + zero(op.outputs[0]);
    });
  }

  void fully_connected(const TfliteOp& op) {
    const std::vector<int>& filter = tensor(op.inputs[1]).shape;
    std::vector<int>& out = values_[static_cast<std::size_t>(op.outputs[0])];
    for (int o = 0; o < filter[0]; ++o) {
      int sum = int32(op, 2, o);
      for (int i = 0; i < filter[1]; ++i) {
        sum += (input(op)[static_cast<std::size_t>(i)] - zero(op.inputs[0])) * weight(op.inputs[1], o * filter[1] + i);
      }
      const bool per_channel = tensor(op.inputs[1]).scale.size() > 1;
      const float product = tensor(op.inputs[0]).scale[0] * tensor(op.inputs[1]).scale[0];
      const double real = (per_channel ? scale(op.inputs[0]) * scale(op.inputs[1], o) : static_cast<double>(product)) /
                          scale(op.outputs[0]);
      out.push_back(clamped(op, scaled(sum, real) + zero(op.outputs[0])));
    }
  }

  void add(const TfliteOp& op) {
    const double twice = 2 * std::max(scale(op.inputs[0]), scale(op.inputs[1]));
    const std::vector<int>& a = input(op);
    const std::vector<int>& b = input(op, 1);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const int left = scaled((a[i] - zero(op.inputs[0])) << 20, scale(op.inputs[0]) / twice);
      const int right = scaled((b[i] - zero(op.inputs[1])) << 20, scale(op.inputs[1]) / twice);
      const int sum = scaled(left + right, twice / (1048576 * scale(op.outputs[0])));
      values_[static_cast<std::size_t>(op.outputs[0])].push_back(clamped(op, sum + zero(op.outputs[0])));
    }
  }

  void pool(const TfliteOp& op) {
    const std::vector<int>& in = tensor(op.inputs[0]).shape;
    map(op, [&](int oy, int ox, int c) {
      int sum = 0;
      int count = 0;
      int largest = -128;
      taps(op, op.kernel_h, op.kernel_w, oy, ox, [&](int y, int x, int, int) {
        const int value = input(op)[static_cast<std::size_t>(index(in, y, x, c))];
        sum += value;
        largest = std::max(largest, value);
        ++count;
      });
      if (op.code == kMaxPool) return largest;
      return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
    });
  }

  void pad(const TfliteOp& op) {
    const std::vector<int>& in = tensor(op.inputs[0]).shape;
    const int top = int32(op, 1, 2);
    const int left = int32(op, 1, 4);
    map(op, [&](int y, int x, int c) {
      const bool inside = y >= top && y < top + in[1] && x >= left && x < left + in[2];
      return inside ? input(op)[static_cast<std::size_t>(index(in, y - top, x - left, c))] : zero(op.outputs[0]);
    });
  }

  const TfliteFile& file_;
  std::vector<std::vector<int>> values_;
};

}  // namespace

std::vector<std::vector<int>> interpret(const TfliteFile& file, const std::vector<int>& input) {
  return Interpreter(file, input).run();
}

}  // namespace systole::test
