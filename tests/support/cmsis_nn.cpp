// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmsis_nn.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "golden/model/execute.h"

namespace systole::test {

namespace {

using Json = nlohmann::json;

/// The layer, its images one after another, what must come out.
struct Arrays {
  op::Layer layer;
  std::vector<std::int32_t> input, expected;
};

class Reader {
 public:
  explicit Reader(const Json& json) : config_(json.at("config")), arrays_(json.at("arrays")) {}

  Arrays read() const {
    Arrays result;
    op::Layer& l = result.layer;
    l.name = "cmsis_nn";
    if (!has("weights_data") && !has("weights")) {
      pooling(l);
    } else if (config_.contains("filter_x")) {
      convolution(l);
    } else {
      fully_connected(l);
    }
    result.input = array({"input_data", "input_tensor", "input"});
    result.expected = array({"output_ref_data", "output_ref", "output"});
    return result;
  }

 private:
  bool has(const char* name) const { return arrays_.contains(name); }

  std::vector<std::int32_t> array(const std::vector<const char*>& names) const {
    for (const char* name : names) {
      if (has(name)) return arrays_.at(name).get<std::vector<std::int32_t>>();
    }
    throw std::runtime_error(std::string("no array ") + names.front());
  }

  int value(const char* name) const { return config_.at(name).get<int>(); }

  void pooling(op::Layer& l) const {
    l.in_h = value("input_h");
    l.in_w = value("input_w");
    l.in_c = l.out_c = value("input_c");
    l.out_h = value("output_h");
    l.out_w = value("output_w");
    l.window.kernel_h = value("filter_h");
    l.window.kernel_w = value("filter_w");
    l.window.stride_h = value("stride_h");
    l.window.stride_w = value("stride_w");
    l.window.pad_top = value("padding_h");
    l.window.pad_left = value("padding_w");
    l.out.act_min = value("activation_min");
    l.out.act_max = value("activation_max");
  }

  void convolution(op::Layer& l) const {
    l.in_h = value("input_h");
    l.in_w = value("input_w");
    l.in_c = value("in_ch");
    l.out_h = value("output_h");
    l.out_w = value("output_w");
    l.out_c = value("out_ch");
    l.window.kernel_h = value("filter_y");
    l.window.kernel_w = value("filter_x");
    l.window.stride_h = value("stride_y");
    l.window.stride_w = value("stride_x");
    l.window.dilation_h = value("dilation_y");
    l.window.dilation_w = value("dilation_x");
    l.window.pad_top = value("pad_y");
    l.window.pad_left = value("pad_x");
    const std::vector<std::int32_t> weights = array({"weights_data", "weights"});
    const int taps = l.window.kernel_h * l.window.kernel_w;
    if (config_.contains("ch_mult")) {  // 1HWO
      l.kind = op::Kind::depthwise;
      l.weights = Eigen::Map<const op::Matrix>(weights.data(), taps, l.out_c).transpose();
    } else {  // OHWI
      l.weights = Eigen::Map<const op::Matrix>(weights.data(), l.out_c, Eigen::Index{taps} * l.in_c);
    }
    quantization(l);
  }

  void fully_connected(op::Layer& l) const {
    l.kind = op::Kind::fully_connected;
    l.in_h = value("input_h");
    l.in_w = value("input_w");
    l.in_c = value("in_ch");
    l.out_c = value("out_ch");
    const std::vector<std::int32_t> weights = array({"weights", "weights_data"});
    l.weights = Eigen::Map<const op::Matrix>(weights.data(), l.out_c, Eigen::Index{l.in_h} * l.in_w * l.in_c);
    if (config_.contains("filter_offset")) l.zero_wgt = -value("filter_offset");
    quantization(l);
  }

  void quantization(op::Layer& l) const {
    l.zero_in = -value("input_offset");
    l.out.rule = fixed::Rounding::double_rounding;
    l.out.zero_out = value("output_offset");
    l.out.act_min = value("out_activation_min");
    l.out.act_max = value("out_activation_max");
    if (config_.contains("output_multiplier")) {
      l.out.m0 = {value("output_multiplier")};
      shifts(l, {value("output_shift")});
    } else {
      l.out.m0 = array({"output_mult_data", "output_mult", "output_multiplier"});
      shifts(l, array({"output_shift_data", "output_shift"}));
    }
    if (!has("biases_data") && !has("bias") && !has("biases")) return;
    const std::vector<std::int32_t> bias = array({"biases_data", "bias", "biases"});
    l.bias = Eigen::Map<const op::Vector>(bias.data(), static_cast<Eigen::Index>(bias.size()));
  }

  /// One signed shift each, right where negative.
  static void shifts(op::Layer& l, const std::vector<std::int32_t>& values) {
    l.out.lshift.clear();
    l.out.n.clear();
    for (const std::int32_t shift : values) {
      l.out.lshift.push_back(shift > 0 ? shift : 0);
      l.out.n.push_back(shift < 0 ? -shift : 0);
    }
  }

  const Json& config_;
  const Json& arrays_;
};

/// Image `number` of the values.
op::Tensor slice(const std::vector<std::int32_t>& values, std::size_t number, int height, int width, int channels) {
  op::Tensor tensor(height, width, channels);
  std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(number) * tensor.data.size(), tensor.data.size(),
              tensor.data.data());
  return tensor;
}

}  // namespace

CmsisNnSet read_cmsis_nn(const std::filesystem::path& file) {
  std::ifstream stream(file);
  const Json json = Json::parse(stream);
  Arrays arrays = Reader(json).read();
  op::Layer& l = arrays.layer;
  if (l.weights.size() == 0) {
    l.kind = file.stem().string().starts_with("avg") ? op::Kind::avg_pool : op::Kind::max_pool;
    l.exclude_padding = l.kind == op::Kind::avg_pool;
  }
  CmsisNnSet set;
  set.network.name = file.stem().string();
  set.network.input = {.height = l.in_h, .width = l.in_w, .channels = l.in_c};
  const std::size_t in_size = static_cast<std::size_t>(l.in_h) * static_cast<std::size_t>(l.in_w * l.in_c);
  const std::size_t out_size = static_cast<std::size_t>(l.out_h) * static_cast<std::size_t>(l.out_w * l.out_c);
  const std::size_t images = arrays.input.size() / in_size;
  if (images == 0 || arrays.input.size() != images * in_size || arrays.expected.size() != images * out_size) {
    throw std::runtime_error("expected whole images of input and output");
  }
  for (std::size_t n = 0; n < images; ++n) {
    set.samples.push_back({.input = slice(arrays.input, n, l.in_h, l.in_w, l.in_c),
                           .expected = slice(arrays.expected, n, l.out_h, l.out_w, l.out_c)});
  }
  set.network.nodes.push_back({.layer = std::move(l), .inputs = {0}});
  return set;
}

std::vector<std::filesystem::path> cmsis_nn_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::int64_t differing(const model::Network& network, const std::vector<model::Sample>& samples) {
  model::Executor executor(network);
  std::int64_t wrong = 0;
  for (const model::Sample& sample : samples) {
    wrong += (executor.run(sample.input).back().data.array() != sample.expected.data.array()).count();
  }
  return wrong;
}

}  // namespace systole::test
