// Layers with the expected outputs of the TFLite interpreter, as CMSIS-NN publishes them. Any set of these five
// operators found in SYSTOLE_DATA/cmsis_nn takes part.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "golden/op/op.h"

namespace systole::op {
namespace {

using Json = nlohmann::json;

std::filesystem::path data_folder() {
  const char* folder = std::getenv("SYSTOLE_DATA");
  return std::filesystem::path(folder != nullptr ? folder : SYSTOLE_DATA_DEFAULT) / "cmsis_nn";
}

/// One set: the layer, its images one after another, what must come out.
struct Case {
  Layer layer;
  std::vector<std::int32_t> input, expected;
};

class Reader {
 public:
  explicit Reader(const Json& json) : config_(json.at("config")), arrays_(json.at("arrays")) {}

  Case read() const {
    Case result;
    Layer& l = result.layer;
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

  void pooling(Layer& l) const {
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

  void convolution(Layer& l) const {
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
      l.kind = Kind::depthwise;
      l.weights = Eigen::Map<const Matrix>(weights.data(), taps, l.out_c).transpose();
    } else {  // OHWI
      l.weights = Eigen::Map<const Matrix>(weights.data(), l.out_c, Eigen::Index{taps} * l.in_c);
    }
    quantization(l);
  }

  void fully_connected(Layer& l) const {
    l.kind = Kind::fully_connected;
    l.in_h = value("input_h");
    l.in_w = value("input_w");
    l.in_c = value("in_ch");
    l.out_c = value("out_ch");
    const std::vector<std::int32_t> weights = array({"weights", "weights_data"});
    l.weights = Eigen::Map<const Matrix>(weights.data(), l.out_c, Eigen::Index{l.in_h} * l.in_w * l.in_c);
    if (config_.contains("filter_offset")) l.zero_wgt = -value("filter_offset");
    quantization(l);
  }

  void quantization(Layer& l) const {
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
    l.bias = Eigen::Map<const Vector>(bias.data(), static_cast<Eigen::Index>(bias.size()));
  }

  /// One signed shift each, right where negative.
  static void shifts(Layer& l, const std::vector<std::int32_t>& values) {
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

/// Entries that differ, over all images of the set.
int differing(const Case& set) {
  const Layer& l = set.layer;
  Tensor image(l.in_h, l.in_w, l.in_c);
  const auto in_size = static_cast<std::size_t>(image.data.size());
  const std::size_t out_size =
      static_cast<std::size_t>(l.out_h) * static_cast<std::size_t>(l.out_w) * static_cast<std::size_t>(l.out_c);
  REQUIRE(set.input.size() % in_size == 0);
  REQUIRE(set.expected.size() == set.input.size() / in_size * out_size);
  int wrong = 0;
  for (std::size_t n = 0; n < set.input.size() / in_size; ++n) {
    std::copy_n(set.input.begin() + static_cast<std::ptrdiff_t>(n * in_size), in_size, image.data.data());
    const std::array<const Tensor*, 1> inputs{&image};
    const Tensor out = run_layer(l, inputs);
    for (std::size_t i = 0; i < out_size; ++i) wrong += out.data.data()[i] != set.expected[n * out_size + i] ? 1 : 0;
  }
  return wrong;
}

TEST_CASE("op.cmsis_nn.bit_exact") {
  if (!std::filesystem::is_directory(data_folder())) {
    MESSAGE("skipped: no folder " << data_folder().string() << " (set SYSTOLE_DATA)");
    return;
  }
  int sets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder())) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    std::ifstream file(entry.path());
    Case set = Reader(Json::parse(file)).read();
    const bool pool = set.layer.weights.size() == 0;
    if (pool) {
      set.layer.kind = name.rfind("avg", 0) == 0 ? Kind::avg_pool : Kind::max_pool;
      set.layer.exclude_padding = set.layer.kind == Kind::avg_pool;
    }
    CHECK(differing(set) == 0);
    ++sets;
  }
  CHECK(sets > 0);
}

}  // namespace
}  // namespace systole::op
