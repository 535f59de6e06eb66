#include "golden/model/network_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "golden/fixed/round.h"
#include "golden/model/graph_check.h"
#include "golden/model/input_error.h"
#include "golden/model/json_object.h"
#include "golden/model/network_folder.h"

namespace systole::model {

namespace {

using Json = nlohmann::ordered_json;
using op::Kind;
using op::Layer;

constexpr std::array<std::string_view, 6> kKindNames{"conv2d",   "depthwise", "fully_connected",
                                                     "max_pool", "avg_pool",  "add"};
constexpr std::int64_t kInt32Lowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32Highest = std::numeric_limits<std::int32_t>::max();
constexpr int kLowestElement = -128, kHighestElement = 255;  // int8 and uint8 together

struct Range {
  int low, high;
};
Range element_range(bool is_signed, int bits) {
  return is_signed ? Range{-(1 << (bits - 1)), (1 << (bits - 1)) - 1} : Range{0, (1 << bits) - 1};
}

bool has_weights(Kind kind) { return kind == Kind::conv2d || kind == Kind::depthwise || kind == Kind::fully_connected; }
bool has_window(Kind kind) { return kind != Kind::fully_connected && kind != Kind::add; }
bool keeps_channels(Kind kind) { return kind == Kind::max_pool || kind == Kind::avg_pool || kind == Kind::add; }
int arity(Kind kind) { return kind == Kind::add ? 2 : 1; }

/// Columns of the weight matrix (rows are output channels).
std::int64_t weight_columns(const Layer& layer) {
  const std::int64_t taps = std::int64_t{layer.window.kernel_h} * layer.window.kernel_w;
  if (layer.kind == Kind::conv2d) return taps * layer.in_c;
  if (layer.kind == Kind::depthwise) return taps;
  return std::int64_t{layer.in_h} * layer.in_w * layer.in_c;
}

/// One byte per weight or code: int8 where the stored element is signed; codes are unsigned.
bool stored_signed(const Layer& layer) { return layer.wgt_signed && layer.codebook.empty(); }

// ---- reading

std::int32_t read_int32(JsonObject& object, const char* key, std::int64_t low = kInt32Lowest,
                        std::int64_t high = kInt32Highest) {
  return static_cast<std::int32_t>(object.integer(key, low, high));
}

std::vector<std::int32_t> read_list(JsonObject& object, const char* key, int most, std::int64_t low,
                                    std::int64_t high) {
  const auto values = object.integers(key, 1, static_cast<std::size_t>(most), low, high);
  return {values.begin(), values.end()};
}

Kind read_kind(JsonObject& node) {
  const std::string name = node.text("kind", 1, 64);
  const auto* const it = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (it == kKindNames.end()) {
    node.fail("kind", fmt::format("expected one of {}, found '{}'", fmt::join(kKindNames, ", "), name));
  }
  return static_cast<Kind>(it - kKindNames.begin());
}

fixed::Rounding read_rule(JsonObject& object) {
  const std::string name = object.text("rule", 1, 64);
  const auto rule = fixed::rounding_from_string(name);
  if (!rule)
    object.fail("rule", fmt::format("expected one of {}, found '{}'", fmt::join(fixed::kRoundingNames, ", "), name));
  return *rule;
}

void read_activation(JsonObject object, Layer& layer) {
  layer.act_signed = object.boolean("signed");
  layer.act_bits = read_int32(object, "bits", 2, 8);
  layer.zero_in = read_int32(object, "zero", kLowestElement, kHighestElement);
  object.finish();
}

void read_psum(JsonObject object, Layer& layer) {
  layer.psum_width = read_int32(object, "width", 2, 32);
  layer.saturate = object.boolean("saturate");
  layer.psum_bits = read_int32(object, "bits", 0, layer.psum_width - 1);
  object.finish();
}

void read_requantization(JsonObject object, int channels, op::Requantization& out) {
  out.raw = object.boolean("raw");
  out.rule = read_rule(object);
  out.multiply = object.boolean("multiply");
  out.m0 = read_list(object, "m0", channels, 0, kInt32Highest);
  out.lshift = read_list(object, "lshift", channels, 0, 31);
  out.n = read_list(object, "n", channels, 0, 31);
  out.zero_out = read_int32(object, "zero_out", kLowestElement, kHighestElement);
  out.act_min = read_int32(object, "act_min", kLowestElement, kHighestElement);
  out.act_max = read_int32(object, "act_max", kLowestElement, kHighestElement);
  object.finish();
}

op::AddOperand read_operand(JsonObject object) {
  op::AddOperand operand;
  operand.zero = read_int32(object, "zero", kLowestElement, kHighestElement);
  operand.m0 = read_int32(object, "m0", 0, kInt32Highest);
  operand.lshift = read_int32(object, "lshift", 0, 31);
  operand.n = read_int32(object, "n", 0, 31);
  object.finish();
  return operand;
}

template <typename Element>
op::Matrix to_matrix(const std::byte* bytes, Eigen::Index rows, Eigen::Index columns) {
  using Stored = Eigen::Matrix<Element, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Stored>(reinterpret_cast<const Element*>(bytes), rows, columns).template cast<std::int32_t>();
}

void read_weights(JsonObject object, BlobReader& blobs, Layer& layer) {
  layer.wgt_signed = object.boolean("signed");
  layer.wgt_bits = read_int32(object, "bits", 2, 8);
  layer.zero_wgt = read_int32(object, "zero", kLowestElement, kHighestElement);
  if (object.has("codebook")) {
    const auto levels = object.integers("codebook", 4, 4, kLowestElement, kHighestElement);
    layer.codebook.assign(levels.begin(), levels.end());
  }
  const std::int64_t columns = weight_columns(layer);
  const std::int64_t count = columns * layer.out_c;
  if (stored_signed(layer)) {
    layer.weights = to_matrix<std::int8_t>(blobs.take(object.object("data"), "int8", 1, count), layer.out_c, columns);
  } else {
    layer.weights = to_matrix<std::uint8_t>(blobs.take(object.object("data"), "uint8", 1, count), layer.out_c, columns);
  }
  object.finish();
}

void read_bias(JsonObject object, BlobReader& blobs, Layer& layer) {
  const std::byte* bytes = blobs.take(std::move(object), "int32", sizeof(std::int32_t), layer.out_c);
  layer.bias.resize(layer.out_c);
  std::memcpy(layer.bias.data(), bytes, static_cast<std::size_t>(layer.out_c) * sizeof(std::int32_t));
}

Layer read_layer(JsonObject& node, const std::string& name, const Shape& in, BlobReader& blobs) {
  Layer layer;
  layer.name = name;
  layer.kind = read_kind(node);
  std::tie(layer.in_h, layer.in_w, layer.in_c) = std::tuple(in.height, in.width, in.channels);
  const Shape out = read_shape(node, "out_shape");
  std::tie(layer.out_h, layer.out_w, layer.out_c) = std::tuple(out.height, out.width, out.channels);
  if (has_window(layer.kind)) layer.window = read_window(node.object("window"));
  read_activation(node.object("activation"), layer);
  read_psum(node.object("psum"), layer);
  layer.tile_channels = read_int32(node, "tile_channels", 1, kMaxChannels);
  if (node.has("align")) layer.align = read_list(node, "align", kMaxChannels, 0, 31);
  if (has_weights(layer.kind)) read_weights(node.object("weights"), blobs, layer);
  if (node.has("bias")) read_bias(node.object("bias"), blobs, layer);
  if (layer.kind == Kind::add) {
    JsonObject operands = node.object("add");
    layer.add_a = read_operand(operands.object("a"));
    layer.add_b = read_operand(operands.object("b"));
    operands.finish();
  }
  read_requantization(node.object("requantization"), layer.out_c, layer.out);
  return layer;
}

Input read_input(JsonObject object) {
  Input input;
  const Shape shape = read_shape(object, "shape");
  std::tie(input.height, input.width, input.channels) = std::tuple(shape.height, shape.width, shape.channels);
  input.is_signed = object.boolean("signed");
  input.bits = read_int32(object, "bits", 2, 8);
  input.pixel_offset = read_int32(object, "pixel_offset", -255, 255);
  object.finish();
  return input;
}

// ---- writing

Json blob(std::string_view dtype, std::size_t offset, Eigen::Index count) {
  return {{"dtype", dtype}, {"offset", offset}, {"count", count}};
}

Json write_weights(const Layer& layer, BlobWriter& blobs) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(layer.weights.size()));
  for (const std::int32_t value : layer.weights.reshaped<Eigen::RowMajor>())
    bytes.push_back(static_cast<std::uint8_t>(value));
  Json json{{"signed", layer.wgt_signed}, {"bits", layer.wgt_bits}, {"zero", layer.zero_wgt}};
  if (!layer.codebook.empty()) json["codebook"] = layer.codebook;
  const std::size_t offset = blobs.append(bytes.data(), bytes.size(), 1);
  json["data"] = blob(stored_signed(layer) ? "int8" : "uint8", offset, layer.weights.size());
  return json;
}

Json write_bias(const Layer& layer, BlobWriter& blobs) {
  const auto bytes = static_cast<std::size_t>(layer.bias.size()) * sizeof(std::int32_t);
  return blob("int32", blobs.append(layer.bias.data(), bytes, sizeof(std::int32_t)), layer.bias.size());
}

Json write_operand(const op::AddOperand& operand) {
  return {{"zero", operand.zero}, {"m0", operand.m0}, {"lshift", operand.lshift}, {"n", operand.n}};
}

Json write_requantization(const op::Requantization& out) {
  return {{"raw", out.raw},           {"rule", fixed::to_string(out.rule)},
          {"multiply", out.multiply}, {"m0", out.m0},
          {"lshift", out.lshift},     {"n", out.n},
          {"zero_out", out.zero_out}, {"act_min", out.act_min},
          {"act_max", out.act_max}};
}

Json write_node(const Network& network, const Node& node, BlobWriter& blobs) {
  const Layer& layer = node.layer;
  Json json{{"name", layer.name}, {"kind", to_string(layer.kind)}};
  for (const int tensor : node.inputs) json["inputs"].push_back(tensor_name(network, tensor));
  json["out_shape"] = {layer.out_h, layer.out_w, layer.out_c};
  if (has_window(layer.kind)) json["window"] = Json::parse(window_text(layer.window));
  json["activation"] = {{"signed", layer.act_signed}, {"bits", layer.act_bits}, {"zero", layer.zero_in}};
  json["psum"] = {{"width", layer.psum_width}, {"saturate", layer.saturate}, {"bits", layer.psum_bits}};
  json["tile_channels"] = layer.tile_channels;
  if (!layer.align.empty()) json["align"] = layer.align;
  if (has_weights(layer.kind)) json["weights"] = write_weights(layer, blobs);
  if (layer.bias.size() != 0) json["bias"] = write_bias(layer, blobs);
  if (layer.kind == Kind::add) json["add"] = {{"a", write_operand(layer.add_a)}, {"b", write_operand(layer.add_b)}};
  json["requantization"] = write_requantization(layer.out);
  return json;
}

Json write_input(const Input& input) {
  return {{"shape", {input.height, input.width, input.channels}},
          {"signed", input.is_signed},
          {"bits", input.bits},
          {"pixel_offset", input.pixel_offset}};
}

// ---- checking what one layer alone cannot know, and what a file cannot hold

/// Place of a layer's field in messages.
class LayerCheck {
 public:
  LayerCheck(const Network& network, const std::string& file, std::size_t index)
      : network_(network),
        node_(network.nodes[index]),
        layer_(node_.layer),
        file_(file),
        place_(node_place(index, layer_.name)) {}

  void run() const {
    shapes();
    lengths();
    activation_chain();
    weights();
    requantization();
  }

 private:
  void expect(bool good, const char* field, const std::string& expected) const {
    if (!good) throw InputError(file_, fmt::format("{}.{}", place_, field), "expected " + expected);
  }
  void expect_within(std::int64_t low, std::int64_t high, Range range, const char* field) const {
    expect(low >= range.low && high <= range.high, field,
           fmt::format("values in {} .. {}, found {} .. {}", range.low, range.high, low, high));
  }

  void shapes() const {
    const Shape in{layer_.in_h, layer_.in_w, layer_.in_c};
    if (keeps_channels(layer_.kind)) {
      expect(layer_.out_c == layer_.in_c, "out_shape", fmt::format("{} channels, those of the input", layer_.in_c));
    }
    if (layer_.kind == Kind::depthwise) {
      expect(layer_.out_c % layer_.in_c == 0, "out_shape", fmt::format("channels in multiples of {}", layer_.in_c));
    }
    if (layer_.kind == Kind::fully_connected) {
      expect(layer_.out_h == 1 && layer_.out_w == 1, "out_shape", "height and width of 1");
    }
    if (layer_.kind == Kind::add) {
      const Shape out{layer_.out_h, layer_.out_w, layer_.out_c};
      const Shape second = tensor_shape(network_, node_.inputs[1]);
      expect(out == in && second == in, "out_shape",
             fmt::format("both inputs and the output of shape {}, found {} and {}", to_string(in), to_string(second),
                         to_string(out)));
    }
    if (has_window(layer_.kind)) {
      extent(layer_.in_h, layer_.out_h, layer_.window.stride_h, layer_.window.pad_top, "height");
      extent(layer_.in_w, layer_.out_w, layer_.window.stride_w, layer_.window.pad_left, "width");
    }
  }

  /// The last window must start inside the image and its padding, otherwise it reads nothing at all.
  void extent(int in, int out, int stride, int pad, const char* which) const {
    const std::int64_t start = std::int64_t{out - 1} * stride - pad;
    expect(start < in, "out_shape",
           fmt::format("a {} whose last window starts before pixel {}, found {}", which, in, start));
  }

  void lengths() const {
    if (has_weights(layer_.kind)) {
      expect(layer_.weights.rows() == layer_.out_c && layer_.weights.cols() == weight_columns(layer_), "weights",
             fmt::format("{} x {} values, found {} x {}", layer_.out_c, weight_columns(layer_), layer_.weights.rows(),
                         layer_.weights.cols()));
    } else {
      expect(layer_.weights.size() == 0 && layer_.codebook.empty(), "weights", "none in this kind of layer");
    }
    expect(layer_.bias.size() == 0 || layer_.bias.size() == layer_.out_c, "bias",
           fmt::format("{} values or none", layer_.out_c));
    const auto tiles = static_cast<std::size_t>((layer_.in_c + layer_.tile_channels - 1) / layer_.tile_channels);
    expect(layer_.align.empty() || layer_.align.size() == tiles, "align",
           fmt::format("{} shifts, one per tile, or none", tiles));
    per_channel(layer_.out.m0.size(), "requantization.m0");
    per_channel(layer_.out.lshift.size(), "requantization.lshift");
    per_channel(layer_.out.n.size(), "requantization.n");
  }
  void per_channel(std::size_t count, const char* field) const {
    expect(count == 1 || count == static_cast<std::size_t>(layer_.out_c), field,
           fmt::format("1 or {} values, found {}", layer_.out_c, count));
  }

  /// What the input carries must fit the element type that this layer reads.
  void activation_chain() const {
    const Range type = element_range(layer_.act_signed, layer_.act_bits);
    expect_within(layer_.zero_in, layer_.zero_in, type, "activation.zero");
    for (const int tensor : node_.inputs) {
      if (tensor == 0) {
        const Range input = element_range(network_.input.is_signed, network_.input.bits);
        expect_within(input.low, input.high, type, "activation");
        continue;
      }
      const op::Requantization& producer = network_.nodes[static_cast<std::size_t>(tensor) - 1].layer.out;
      expect(!producer.raw, "inputs", "quantized values: only the last layer may be raw");
      expect_within(producer.act_min, producer.act_max, type, "activation");
    }
  }

  void weights() const {
    if (!has_weights(layer_.kind)) return;
    const bool coded = !layer_.codebook.empty();
    expect(!coded || (layer_.codebook.size() == 4 && layer_.wgt_bits == 2), "weights.codebook",
           "four levels and 2-bit codes");
    const Range level = element_range(layer_.wgt_signed, coded ? 8 : layer_.wgt_bits);
    expect_within(layer_.zero_wgt, layer_.zero_wgt, level, "weights.zero");
    for (const std::int32_t value : layer_.codebook) expect_within(value, value, level, "weights.codebook");
    const Range stored = coded ? element_range(false, layer_.wgt_bits) : level;
    expect_within(layer_.weights.minCoeff(), layer_.weights.maxCoeff(), stored, "weights");
  }

  void requantization() const {
    const op::Requantization& out = layer_.out;
    expect(out.act_min <= out.act_max, "requantization.act_min", fmt::format("at most act_max = {}", out.act_max));
    const bool fits = out.act_min >= 0 ? out.act_max <= 255 : (out.act_min >= -128 && out.act_max <= 127);
    expect(fits, "requantization.act_max", "act_min .. act_max within -128 .. 127 or 0 .. 255");
    expect(out.multiply || out.rule != fixed::Rounding::double_rounding || out.raw, "requantization.rule",
           "a rounding shift where multiply is false");
  }

  const Network& network_;
  const Node& node_;
  const Layer& layer_;
  const std::string& file_;
  std::string place_;
};

}  // namespace

std::string_view to_string(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

void check_network(const Network& network, const std::string& file) {
  check_graph(network, file, arity);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) LayerCheck(network, file, i).run();
  check_classes(network, file);
}

Network load_network(const std::filesystem::path& folder) {
  JsonObject root = read_description(folder, "integer");
  Network network;
  network.name = root.text("name", 1, 256);
  network.input = read_input(root.object("input"));
  network.classes = root.texts("classes", 0, kMaxChannels);
  BlobReader blobs(folder / kWeightsFile);
  read_nodes(root, network, [&blobs](JsonObject& node, const std::string& name, const Shape& in) {
    return read_layer(node, name, in, blobs);
  });
  root.finish();
  check_network(network, (folder / kDescriptionFile).string());
  blobs.finish();
  return network;
}

void save_network(const Network& network, const std::filesystem::path& folder) {
  check_network(network, folder.string());
  BlobWriter blobs;
  Json root{{"format", kFormatName}, {"version", kFormatVersion},           {"number", "integer"},
            {"name", network.name},  {"input", write_input(network.input)}, {"classes", network.classes}};
  for (const Node& node : network.nodes) root["nodes"].push_back(write_node(network, node, blobs));
  write_folder(folder, root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n", blobs.bytes());
}

}  // namespace systole::model
