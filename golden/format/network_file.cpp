// SPDX-License-Identifier: Apache-2.0
#include "golden/format/network_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/input_error.h"
#include "base/json_object.h"
#include "golden/fixed/round.h"
#include "golden/format/network_folder.h"
#include "golden/format/network_frame.h"
#include "golden/op/validate.h"

namespace systole::model {

namespace {

using Json = nlohmann::ordered_json;
using op::Kind;
using op::Layer;

constexpr std::int64_t kInt32Lowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32Highest = std::numeric_limits<std::int32_t>::max();
constexpr int kLowestElement = -32768, kHighestElement = 65535;  // int16 and uint16 together
constexpr int kMaxBits = 16;
constexpr int kMaxPixelShift = 7;

using op::element_range;
using op::ElementRange;

/// How a weight or code is stored: in one byte up to 8 bits, otherwise in two; codes are unsigned.
struct Storage {
  std::string_view dtype;
  std::size_t size;
  bool is_signed;
};
Storage storage(const Layer& layer) {
  const bool is_signed = layer.wgt_signed && layer.codebook.empty();
  if (layer.wgt_bits <= 8) return is_signed ? Storage{"int8", 1, true} : Storage{"uint8", 1, false};
  return is_signed ? Storage{"int16", 2, true} : Storage{"uint16", 2, false};
}

// ---- reading

std::int32_t read_int32(base::JsonObject& object, const char* key, std::int64_t low = kInt32Lowest,
                        std::int64_t high = kInt32Highest) {
  return static_cast<std::int32_t>(object.integer(key, low, high));
}

std::vector<std::int32_t> read_list(base::JsonObject& object, const char* key, int most, std::int64_t low,
                                    std::int64_t high) {
  const auto values = object.integers(key, 1, static_cast<std::size_t>(most), low, high);
  return {values.begin(), values.end()};
}

fixed::Rounding read_rule(base::JsonObject& object) {
  const std::string name = object.text("rule", 1, 64);
  const auto rule = fixed::rounding_from_string(name);
  if (!rule)
    object.fail("rule", fmt::format("expected one of {}, found '{}'", fmt::join(fixed::kRoundingNames, ", "), name));
  return *rule;
}

void read_activation(base::JsonObject object, Layer& layer) {
  layer.act_signed = object.boolean("signed");
  layer.act_bits = read_int32(object, "bits", 2, kMaxBits);
  layer.zero_in = read_int32(object, "zero", kLowestElement, kHighestElement);
  object.finish();
}

void read_psum(base::JsonObject object, Layer& layer) {
  layer.psum_width = read_int32(object, "width", 2, 32);
  layer.saturate = object.boolean("saturate");
  layer.psum_bits = read_int32(object, "bits", 0, layer.psum_width - 1);
  object.finish();
}

void read_requantization(base::JsonObject object, int channels, op::Requantization& out) {
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

op::AddOperand read_operand(base::JsonObject object) {
  op::AddOperand operand;
  operand.zero = read_int32(object, "zero", kLowestElement, kHighestElement);
  operand.m0 = read_int32(object, "m0", 0, kInt32Highest);
  operand.lshift = read_int32(object, "lshift", 0, 31);
  operand.n = read_int32(object, "n", 0, 31);
  object.finish();
  return operand;
}

std::vector<op::ConcatInput> read_concat(base::JsonObject& node) {
  std::vector<op::ConcatInput> inputs;
  for (base::JsonObject& object : node.objects("concat", 2, kMaxInputs)) {
    inputs.push_back({read_int32(object, "channels", 1, kMaxChannels),
                      read_int32(object, "zero", kLowestElement, kHighestElement), read_int32(object, "align", 0, 31)});
    object.finish();
  }
  return inputs;
}

/// Reads little-endian elements into the matrix, row by row.
void unpack(const std::byte* bytes, const Storage& stored, op::Matrix& matrix) {
  for (std::int32_t& value : matrix.reshaped<Eigen::RowMajor>()) {
    value = std::to_integer<std::int32_t>(bytes[0]);
    if (stored.size == 2) value |= std::to_integer<std::int32_t>(bytes[1]) << 8;
    const int unused = 32 - 8 * static_cast<int>(stored.size);
    if (stored.is_signed) value = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << unused) >> unused;
    bytes += stored.size;
  }
}

std::vector<std::byte> pack(const op::Matrix& matrix, const Storage& stored) {
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(matrix.size()) * stored.size);
  for (const std::int32_t value : matrix.reshaped<Eigen::RowMajor>()) {
    bytes.push_back(static_cast<std::byte>(value & 0xff));
    if (stored.size == 2) bytes.push_back(static_cast<std::byte>((value >> 8) & 0xff));
  }
  return bytes;
}

void read_weight_type(base::JsonObject& object, Layer& layer) {
  layer.wgt_signed = object.boolean("signed");
  layer.wgt_bits = read_int32(object, "bits", 2, kMaxBits);
  layer.zero_wgt = read_int32(object, "zero", kLowestElement, kHighestElement);
  if (object.has("codebook")) {
    const auto levels = object.integers("codebook", 4, 4, kLowestElement, kHighestElement);
    layer.codebook.assign(levels.begin(), levels.end());
  }
}

void read_weights(base::JsonObject object, BlobReader& blobs, Layer& layer) {
  read_weight_type(object, layer);
  const std::int64_t columns = weight_columns(layer);
  const Storage stored = storage(layer);
  const std::byte* bytes = blobs.take(object.object("data"), stored.dtype, stored.size, columns * layer.out_c);
  layer.weights.resize(layer.out_c, columns);
  unpack(bytes, stored, layer.weights);
  object.finish();
}

void read_bias(base::JsonObject object, BlobReader& blobs, Layer& layer) {
  const std::byte* bytes = blobs.take(std::move(object), "int32", sizeof(std::int32_t), layer.out_c);
  layer.bias.resize(layer.out_c);
  std::memcpy(layer.bias.data(), bytes, static_cast<std::size_t>(layer.out_c) * sizeof(std::int32_t));
}

/// All but weights, bias and what stands behind them.
Layer read_shell(base::JsonObject& node, const std::string& name, const Shape& in) {
  auto layer = read_geometry<Layer>(node, name, in);
  if (layer.kind == Kind::avg_pool) layer.exclude_padding = node.boolean("exclude_padding");
  read_activation(node.object("activation"), layer);
  read_psum(node.object("psum"), layer);
  layer.tile_channels = read_int32(node, "tile_channels", 1, kMaxChannels);
  if (node.has("align")) layer.align = read_list(node, "align", kMaxChannels, 0, 31);
  return layer;
}

void read_output(base::JsonObject& node, Layer& layer) {
  if (layer.kind == Kind::add) {
    base::JsonObject operands = node.object("add");
    layer.add_a = read_operand(operands.object("a"));
    layer.add_b = read_operand(operands.object("b"));
    operands.finish();
  }
  if (layer.kind == Kind::concat) layer.concat = read_concat(node);
  read_requantization(node.object("requantization"), layer.out_c, layer.out);
}

Layer read_layer(base::JsonObject& node, const std::string& name, const Shape& in, BlobReader& blobs) {
  Layer layer = read_shell(node, name, in);
  if (has_weights(layer.kind)) read_weights(node.object("weights"), blobs, layer);
  if (node.has("bias")) read_bias(node.object("bias"), blobs, layer);
  read_output(node, layer);
  return layer;
}

TensorScale read_real(base::JsonObject object) {
  TensorScale real;
  real.scale = object.numbers("scale", 1, kMaxChannels, std::numeric_limits<double>::denorm_min(),
                              std::numeric_limits<double>::max());
  real.zero = read_int32(object, "zero", kLowestElement, kHighestElement);
  object.finish();
  return real;
}

Input read_input(base::JsonObject object) {
  auto input = read_input_shape<Input>(object);
  input.is_signed = object.boolean("signed");
  input.bits = read_int32(object, "bits", 2, kMaxBits);
  input.pixel_offset = read_int32(object, "pixel_offset", -255, 255);
  if (object.has("pixel_shift")) input.pixel_shift = read_int32(object, "pixel_shift", 0, kMaxPixelShift);
  if (object.has("real")) input.real = read_real(object.object("real"));
  object.finish();
  return input;
}

void read_rest(base::JsonObject& root, Network& network) {
  if (root.has("output")) network.output = read_real(root.object("output"));
  if (!root.has("scales")) return;
  for (base::JsonObject& object : root.objects("scales", 1, kMaxNodes)) {
    network.scales.push_back(read_real(std::move(object)));
  }
}

// ---- writing

Json blob(std::string_view dtype, std::size_t offset, Eigen::Index count) {
  return {{"dtype", dtype}, {"offset", offset}, {"count", count}};
}

Json write_weights(const Layer& layer, BlobWriter& blobs) {
  const Storage stored = storage(layer);
  const std::vector<std::byte> bytes = pack(layer.weights, stored);
  Json json{{"signed", layer.wgt_signed}, {"bits", layer.wgt_bits}, {"zero", layer.zero_wgt}};
  if (!layer.codebook.empty()) json["codebook"] = layer.codebook;
  const std::size_t offset = blobs.append(bytes.data(), bytes.size(), stored.size);
  json["data"] = blob(stored.dtype, offset, layer.weights.size());
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

/// Everything of a layer, after the keys that `json` holds already.
Json write_layer(const Layer& layer, BlobWriter& blobs, Json json) {
  write_geometry(json, layer);
  if (layer.kind == Kind::avg_pool) json["exclude_padding"] = layer.exclude_padding;
  json["activation"] = {{"signed", layer.act_signed}, {"bits", layer.act_bits}, {"zero", layer.zero_in}};
  json["psum"] = {{"width", layer.psum_width}, {"saturate", layer.saturate}, {"bits", layer.psum_bits}};
  json["tile_channels"] = layer.tile_channels;
  if (!layer.align.empty()) json["align"] = layer.align;
  if (has_weights(layer.kind)) json["weights"] = write_weights(layer, blobs);
  if (layer.bias.size() != 0) json["bias"] = write_bias(layer, blobs);
  if (layer.kind == Kind::add) json["add"] = {{"a", write_operand(layer.add_a)}, {"b", write_operand(layer.add_b)}};
  for (const op::ConcatInput& input : layer.concat) {
    json["concat"].push_back({{"channels", input.channels}, {"zero", input.zero}, {"align", input.align}});
  }
  json["requantization"] = write_requantization(layer.out);
  return json;
}

Json write_real(const TensorScale& real) { return {{"scale", real.scale}, {"zero", real.zero}}; }

Json write_input(const Input& input) {
  Json json{{"shape", {input.height, input.width, input.channels}},
            {"signed", input.is_signed},
            {"bits", input.bits},
            {"pixel_offset", input.pixel_offset}};
  if (input.pixel_shift != 0) json["pixel_shift"] = input.pixel_shift;
  if (input.real) json["real"] = write_real(*input.real);
  return json;
}

// ---- checking what one layer alone cannot know

void expect_within(const std::string& file, const std::string& place, ElementRange found, ElementRange type) {
  if (found.low >= type.low && found.high <= type.high) return;
  throw base::InputError(file, place,
                         fmt::format("expected an input of values in {} .. {}, found {} .. {}", type.low, type.high,
                                     found.low, found.high));
}

/// What the input carries must fit the element type that this layer reads.
void check_chain(const Network& network, const std::string& file, const Node& node, const std::string& place) {
  const ElementRange type = element_range(node.layer.act_signed, node.layer.act_bits);
  for (const int tensor : node.inputs) {
    if (tensor == 0) {
      expect_within(file, place + ".activation", element_range(network.input.is_signed, network.input.bits), type);
      continue;
    }
    const op::Requantization& producer = network.nodes[static_cast<std::size_t>(tensor) - 1].layer.out;
    if (producer.raw)
      throw base::InputError(file, place + ".inputs", "expected quantized values: only the last layer may be raw");
    expect_within(file, place + ".activation", {producer.act_min, producer.act_max}, type);
  }
}

/// Both operands of an add have one shape.
void check_add(const Network& network, const std::string& file, const Node& node, const std::string& place) {
  const Shape first = tensor_shape(network, node.inputs[0]);
  const Shape second = tensor_shape(network, node.inputs[1]);
  if (first != second) {
    throw base::InputError(
        file, place + ".inputs",
        fmt::format("expected two inputs of one shape, found {} and {}", to_string(first), to_string(second)));
  }
}

/// The inputs of a concatenation have one height and width, and the channels that the layer says.
void check_concat(const Network& network, const std::string& file, const Node& node, const std::string& place) {
  if (node.inputs.size() != node.layer.concat.size()) {
    throw base::InputError(
        file, place + ".concat",
        fmt::format("expected {} entries, one per input, found {}", node.inputs.size(), node.layer.concat.size()));
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Shape wanted{node.layer.in_h, node.layer.in_w, node.layer.concat[i].channels};
    const Shape found = tensor_shape(network, node.inputs[i]);
    if (found == wanted) continue;
    throw base::InputError(file, fmt::format("{}.concat[{}]", place, i),
                           fmt::format("expected an input of shape {}, found {}", to_string(wanted), to_string(found)));
  }
}

void check_node(const Network& network, const std::string& file, std::size_t index) {
  const Node& node = network.nodes[index];
  const std::string place = node_place(index, node.layer.name);
  try {
    op::validate(node.layer);
  } catch (const std::invalid_argument& problem) {
    throw base::InputError(file, place, problem.what());
  }
  check_chain(network, file, node, place);
  if (node.layer.kind == Kind::add) check_add(network, file, node, place);
  if (node.layer.kind == Kind::concat) check_concat(network, file, node, place);
}

void check_input(const Input& input, const std::string& file) {
  if (input.bits < 2 || input.bits > kMaxBits)
    throw base::InputError(file, "input.bits", fmt::format("expected 2 .. {}", kMaxBits));
  if (std::abs(input.pixel_offset) > 255) throw base::InputError(file, "input.pixel_offset", "expected -255 .. 255");
  if (input.pixel_shift < 0 || input.pixel_shift > kMaxPixelShift) {
    throw base::InputError(file, "input.pixel_shift", fmt::format("expected 0 .. {}", kMaxPixelShift));
  }
}

void check_real(const std::optional<TensorScale>& real, int channels, const std::string& file,
                const std::string& place) {
  if (!real) return;
  if (real->scale.size() != 1 && real->scale.size() != static_cast<std::size_t>(channels)) {
    throw base::InputError(file, place, fmt::format("expected 1 or {} scales, found {}", channels, real->scale.size()));
  }
  const auto sound = [](double scale) { return scale > 0 && std::isfinite(scale); };
  if (!std::all_of(real->scale.begin(), real->scale.end(), sound)) {
    throw base::InputError(file, place, "expected finite scales above 0");
  }
  if (real->zero < kLowestElement || real->zero > kHighestElement) {
    throw base::InputError(file, place, fmt::format("expected a zero of {} .. {}", kLowestElement, kHighestElement));
  }
}

}  // namespace

std::string_view to_string(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::string layer_text(const op::Layer& layer) {
  BlobWriter unused;
  Json json = write_layer(layer, unused, {{"name", layer.name}, {"kind", to_string(layer.kind)}});
  if (json.contains("weights")) json["weights"].erase("data");
  json.erase("bias");
  return json.dump();
}

op::Layer read_layer_text(base::JsonObject object, int in_h, int in_w, int in_c) {
  const std::string name = object.text("name", 1, 256);
  Layer layer = read_shell(object, name, {in_h, in_w, in_c});
  if (has_weights(layer.kind)) {
    base::JsonObject weights = object.object("weights");
    read_weight_type(weights, layer);
    weights.finish();
  }
  read_output(object, layer);
  object.finish();
  return layer;
}

void check_network(const Network& network, const std::string& file) {
  check_input(network.input, file);
  check_graph(network, file, arity);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) check_node(network, file, i);
  check_classes(network, file);
  check_real(network.input.real, network.input.channels, file, "input.real.scale");
  check_real(network.output, network.nodes.back().layer.out_c, file, "output.scale");
  if (!network.scales.empty() && network.scales.size() != network.nodes.size()) {
    throw base::InputError(
        file, "scales",
        fmt::format("expected {} objects, one per node, found {}", network.nodes.size(), network.scales.size()));
  }
  for (std::size_t i = 0; i < network.scales.size(); ++i) {
    check_real(network.scales[i], network.nodes[i].layer.out_c, file, fmt::format("scales[{}].scale", i));
  }
}

Network load_network(const std::filesystem::path& folder) {
  return read_network<Network>(folder, "integer", read_input, read_layer, check_network, read_rest);
}

void save_network(const Network& network, const std::filesystem::path& folder, const std::vector<Sample>& samples) {
  check_network(network, folder.string());
  Json rest = Json::object();
  if (network.output) rest["output"] = write_real(*network.output);
  for (const TensorScale& real : network.scales) rest["scales"].push_back(write_real(real));
  write_network(
      network, folder, "integer", write_input(network.input), rest,
      [&](const Node& node, BlobWriter& blobs) {
        return write_layer(node.layer, blobs, write_place<Json>(network, node));
      },
      [&samples](const std::filesystem::path& fresh) {
        if (!samples.empty()) save_samples(samples, fresh);
      });
}

}  // namespace systole::model
