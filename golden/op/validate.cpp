// SPDX-License-Identifier: Apache-2.0
#include "golden/op/validate.h"

#include <stdexcept>
#include <string>

#include "golden/fixed/ceil_div.h"
#include "golden/op/taps.h"

namespace systole::op {
namespace {

/// Checks of one layer; every failure is one line that starts with the layer's name.
class Checker {
 public:
  explicit Checker(const Layer& layer) : layer_(layer) {}

  void run() const {
    sizes();
    kind();
    elements();
    weights();
    accumulator();
    if (layer_.kind == Kind::add) {
      operand("add_a", layer_.add_a);
      operand("add_b", layer_.add_b);
    }
    if (layer_.kind == Kind::concat) concat_inputs();
    output();
    if (layer_.exclude_padding) averages();
  }

 private:
  [[noreturn]] void fail(const std::string& field, const std::string& value, const std::string& expected) const {
    throw std::invalid_argument("layer '" + layer_.name + "': " + field + " is " + value + ", expected " + expected);
  }

  void in_range(const std::string& field, std::int64_t value, std::int64_t low, std::int64_t high) const {
    if (value < low || value > high) {
      fail(field, std::to_string(value), std::to_string(low) + " .. " + std::to_string(high));
    }
  }

  void equal(const std::string& field, std::int64_t value, std::int64_t expected, const std::string& why) const {
    if (value != expected) fail(field, std::to_string(value), std::to_string(expected) + " (" + why + ")");
  }

  template <class T>
  void all_in_range(const std::string& field, const T& values, std::int64_t low, std::int64_t high) const {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(values.size()); ++i) {
      const std::int64_t value = values.data()[i];
      if (value < low || value > high) in_range(field + '[' + std::to_string(i) + ']', value, low, high);
    }
  }

  template <class T>
  void per_channel(const std::string& field, const T& values, std::int64_t low, std::int64_t high) const {
    const auto length = static_cast<std::int64_t>(values.size());
    if (length != 1 && length != layer_.out_c) {
      fail("length of " + field, std::to_string(length), "1 or out_c = " + std::to_string(layer_.out_c));
    }
    all_in_range(field, values, low, high);
  }

  void sizes() const {
    constexpr int kMaxSize = 65535;  // 16-bit fields of the configuration words
    in_range("in_h", layer_.in_h, 1, kMaxSize);
    in_range("in_w", layer_.in_w, 1, kMaxSize);
    in_range("in_c", layer_.in_c, 1, kMaxSize);
    in_range("out_h", layer_.out_h, 1, kMaxSize);
    in_range("out_w", layer_.out_w, 1, kMaxSize);
    in_range("out_c", layer_.out_c, 1, kMaxSize);
  }

  void kind() const {
    switch (layer_.kind) {
      case Kind::conv2d:
        break;
      case Kind::depthwise:
        equal("out_c modulo in_c", layer_.out_c % layer_.in_c, 0, "a whole channel multiplier");
        break;
      case Kind::max_pool:
      case Kind::avg_pool:
        equal("out_c", layer_.out_c, layer_.in_c, "in_c of a pooling layer");
        break;
      case Kind::fully_connected:
        equal("out_h", layer_.out_h, 1, "a fully connected layer has one pixel");
        equal("out_w", layer_.out_w, 1, "a fully connected layer has one pixel");
        break;
      case Kind::add:
        equal("out_h", layer_.out_h, layer_.in_h, "in_h of an add");
        equal("out_w", layer_.out_w, layer_.in_w, "in_w of an add");
        equal("out_c", layer_.out_c, layer_.in_c, "in_c of an add");
        break;
      case Kind::concat:
        equal("out_h", layer_.out_h, layer_.in_h, "in_h of a concat");
        equal("out_w", layer_.out_w, layer_.in_w, "in_w of a concat");
        break;
      default:
        fail("kind", std::to_string(static_cast<int>(layer_.kind)), "one of op::Kind");
    }
    if (layer_.exclude_padding && (layer_.kind != Kind::avg_pool || layer_.out.raw)) {
      fail("exclude_padding", "true", "false of a layer that is not a quantized avg_pool");
    }
    window();
  }

  void window() const {
    const Window& window = layer_.window;
    const bool windowless = !has_window(layer_.kind);
    const int longest = windowless ? 1 : 15;
    const int deepest = windowless ? 0 : 15;
    in_range("window.kernel_h", window.kernel_h, 1, longest);
    in_range("window.kernel_w", window.kernel_w, 1, longest);
    in_range("window.stride_h", window.stride_h, 1, longest);
    in_range("window.stride_w", window.stride_w, 1, longest);
    in_range("window.dilation_h", window.dilation_h, 1, longest);
    in_range("window.dilation_w", window.dilation_w, 1, longest);
    in_range("window.pad_top", window.pad_top, 0, deepest);
    in_range("window.pad_left", window.pad_left, 0, deepest);
    if (windowless) return;
    // A window that starts beyond the map reads nothing: the output size is then wrong.
    in_range("out_h", layer_.out_h, 1, (layer_.in_h - 1 + window.pad_top) / window.stride_h + 1);
    in_range("out_w", layer_.out_w, 1, (layer_.in_w - 1 + window.pad_left) / window.stride_w + 1);
  }

  void elements() const {
    in_range("act_bits", layer_.act_bits, 2, 16);
    in_range("wgt_bits", layer_.wgt_bits, 2, 16);
    const ElementRange act = element_range(layer_.act_signed, layer_.act_bits);
    in_range("zero_in", layer_.zero_in, act.low, act.high);
    if (layer_.codebook.empty()) {
      const ElementRange wgt = element_range(layer_.wgt_signed, layer_.wgt_bits);
      in_range("zero_wgt", layer_.zero_wgt, wgt.low, wgt.high);
      return;
    }
    equal("length of codebook", static_cast<std::int64_t>(layer_.codebook.size()), 4, "one level per 2-bit code");
    equal("wgt_bits", layer_.wgt_bits, 2, "codes of a codebook");
    const ElementRange level = element_range(layer_.wgt_signed, 8);
    all_in_range("codebook", layer_.codebook, level.low, level.high);
    in_range("zero_wgt", layer_.zero_wgt, level.low, level.high);
  }

  void weights() const {
    const std::int64_t taps = std::int64_t{layer_.window.kernel_h} * layer_.window.kernel_w;
    std::int64_t rows = layer_.out_c;
    std::int64_t cols = 0;
    switch (layer_.kind) {
      case Kind::conv2d:
        cols = taps * layer_.in_c;
        break;
      case Kind::depthwise:
        cols = taps;
        break;
      case Kind::fully_connected:
        cols = tiled_channels(layer_);
        break;
      default:
        rows = 0;
        break;
    }
    equal("weights.rows", layer_.weights.rows(), rows, "out_c of a layer with weights");
    equal("weights.cols", layer_.weights.cols(), cols, "weights of one output channel");
    // Codes index the codebook and are unsigned whatever the sign of its levels.
    const ElementRange range = element_range(layer_.wgt_signed && layer_.codebook.empty(), layer_.wgt_bits);
    all_in_range("weights", layer_.weights, range.low, range.high);
    if (layer_.bias.size() != 0) equal("length of bias", layer_.bias.size(), layer_.out_c, "out_c, or empty");
  }

  void accumulator() const {
    in_range("psum_width", layer_.psum_width, 2, 32);
    if (layer_.saturate) in_range("psum_bits", layer_.psum_bits, 0, layer_.psum_width - 1);
    in_range("tile_channels", layer_.tile_channels, 1, 65535);
    if (layer_.align.empty()) return;
    const std::int64_t tiles = fixed::ceil_div(tiled_channels(layer_), std::int64_t{layer_.tile_channels});
    const bool has_tiles = layer_.kind != Kind::add && layer_.kind != Kind::concat;
    equal("length of align", static_cast<std::int64_t>(layer_.align.size()), has_tiles ? tiles : 0,
          "one shift per ic tile, or empty");
    all_in_range("align", layer_.align, 0, 31);
  }

  void concat_inputs() const {
    if (layer_.concat.size() < 2) fail("length of concat", std::to_string(layer_.concat.size()), "at least 2 inputs");
    const ElementRange act = element_range(layer_.act_signed, layer_.act_bits);
    std::int64_t channels = 0;
    for (std::size_t i = 0; i < layer_.concat.size(); ++i) {
      const std::string field = "concat[" + std::to_string(i) + "]";
      in_range(field + ".channels", layer_.concat[i].channels, 1, layer_.out_c);
      in_range(field + ".zero", layer_.concat[i].zero, act.low, act.high);
      in_range(field + ".align", layer_.concat[i].align, 0, 31);
      channels += layer_.concat[i].channels;
    }
    equal("in_c", layer_.in_c, layer_.concat[0].channels, "channels of the first input of a concat");
    equal("out_c", layer_.out_c, channels, "the channels of all inputs of a concat");
  }

  void operand(const std::string& field, const AddOperand& operand) const {
    const ElementRange act = element_range(layer_.act_signed, layer_.act_bits);
    in_range(field + ".zero", operand.zero, act.low, act.high);
    in_range(field + ".m0", operand.m0, 0, fixed::kInt32Max);
    in_range(field + ".lshift", operand.lshift, 0, 31);
    in_range(field + ".n", operand.n, 0, 31);
  }

  void output() const {
    const Requantization& out = layer_.out;
    in_range("out.rule", static_cast<int>(out.rule), 0, fixed::kRoundingCount - 1);
    if (out.raw) return;
    if (out.rule == fixed::Rounding::double_rounding && !out.multiply) {
      fail("out.multiply", "false", "true with requantize_double_rounding");
    }
    per_channel("out.m0", out.m0, 0, fixed::kInt32Max);
    per_channel("out.lshift", out.lshift, 0, 31);
    per_channel("out.n", out.n, 0, 31);
    in_range("out.act_max", out.act_max, out.act_min, fixed::kInt32Max);
  }

  void averages() const {
    const Window& w = layer_.window;
    for (int oh = 0; oh < layer_.out_h; ++oh) {
      const TapRange rows = taps_inside(oh * w.stride_h - w.pad_top, w.dilation_h, w.kernel_h, layer_.in_h);
      if (rows.count() == 0) fail("exclude_padding", "true", "a tap inside the map in every output row");
    }
    for (int ow = 0; ow < layer_.out_w; ++ow) {
      const TapRange cols = taps_inside(ow * w.stride_w - w.pad_left, w.dilation_w, w.kernel_w, layer_.in_w);
      if (cols.count() == 0) fail("exclude_padding", "true", "a tap inside the map in every output column");
    }
  }

  const Layer& layer_;
};

std::string shape(int height, int width, int channels) {
  return std::to_string(height) + 'x' + std::to_string(width) + 'x' + std::to_string(channels);
}

}  // namespace

void validate(const Layer& layer) { Checker(layer).run(); }

void check_order(const Layer& layer, PsumOrder order) {
  if (order == PsumOrder::array || layer.align.empty()) return;
  if (layer.kind != Kind::conv2d && layer.kind != Kind::fully_connected) return;  // each channel by itself
  throw std::invalid_argument("layer '" + layer.name + "': align is given, expected empty in channelwise order");
}

void check_inputs(const Layer& layer, std::span<const Tensor* const> inputs) {
  const std::string where = "layer '" + layer.name + "': ";
  const std::size_t expected = input_count(layer);
  if (inputs.size() != expected) {
    throw std::invalid_argument(where + std::to_string(inputs.size()) + " inputs, expected " +
                                std::to_string(expected));
  }
  const ElementRange range = element_range(layer.act_signed, layer.act_bits);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor* input = inputs[i];
    const int channels = input_channels(layer, i);
    const bool fits = input->height == layer.in_h && input->width == layer.in_w && input->channels() == channels &&
                      input->pixels() == input->height * input->width;
    if (!fits) {
      throw std::invalid_argument(where + "input is " + shape(input->height, input->width, input->channels()) +
                                  ", expected " + shape(layer.in_h, layer.in_w, channels));
    }
    const std::int32_t low = input->data.minCoeff();
    const std::int32_t high = input->data.maxCoeff();
    if (low < range.low || high > range.high) {
      throw std::invalid_argument(where + "input value " + std::to_string(low < range.low ? low : high) +
                                  ", expected " + std::to_string(range.low) + " .. " + std::to_string(range.high));
    }
  }
}

}  // namespace systole::op
