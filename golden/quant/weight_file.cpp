// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/weight_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "base/as_size.h"
#include "base/input_error.h"
#include "base/json_object.h"
#include "base/npy.h"
#include "base/output_file.h"
#include "base/replace_folder.h"
#include "golden/format/network_file.h"
#include "golden/format/network_folder.h"

namespace systole::quant {

namespace fs = std::filesystem;

namespace {

using base::as_size;

using Json = nlohmann::ordered_json;
using base::InputError;
using base::JsonObject;

constexpr std::string_view kManifest = "weights.json";
constexpr std::string_view kFormat = "systole-weights";
constexpr int kVersion = 1;
constexpr int kInt8Bits = 8;

/// "03_conv2_1": in order, readable, and a file name whatever the layer's name holds.
std::string file_stem(std::size_t index, const std::string& layer) {
  std::string stem = fmt::format("{:02}_", index);
  for (const char c : layer.substr(0, 64)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    stem += plain ? c : '_';
  }
  return stem;
}

template <typename Element, typename Values>
base::NpyArray array_of(const Values& values, const std::vector<std::size_t>& shape) {
  std::vector<Element> elements;
  elements.reserve(as_size(values.size()));
  for (Eigen::Index i = 0; i < values.size(); ++i) elements.push_back(static_cast<Element>(values.data()[i]));
  return {shape, std::move(elements)};
}

Json activation(const AffineScale& scale) {
  Json json = Json::object();
  if (scale.scale != 0) json["scale"] = scale.scale;
  json["zero_point"] = scale.zero;
  return json;
}

AffineScale read_activation(JsonObject object) {
  AffineScale scale;
  scale.scale = object.has("scale") ? object.number("scale", 0, std::numeric_limits<double>::max()) : 0;
  scale.zero = static_cast<int>(object.integer("zero_point", -(1 << 15), (1 << 16) - 1));
  object.finish();
  return scale;
}

Json write_layer(const WeightLayer& layer, const std::string& stem, const fs::path& folder) {
  Json json{{"name", layer.name}, {"kind", layer.kind}, {"weights", stem + ".npy"}};
  base::write_npy(folder / (stem + ".npy"), layer.bits <= kInt8Bits ? array_of<std::int8_t>(layer.codes, layer.shape)
                                                                    : array_of<std::int32_t>(layer.codes, layer.shape));
  if (layer.bias.size() != 0) {
    json["bias"] = stem + ".bias.npy";
    base::write_npy(folder / (stem + ".bias.npy"), array_of<std::int32_t>(layer.bias, {as_size(layer.bias.size())}));
  }
  json["bits"] = layer.bits;
  json["zero_point"] = layer.scale.zero;
  if (!layer.scale.scale.empty()) json["scales"] = layer.scale.scale;
  json["input"] = activation(layer.input);
  json["output"] = activation(layer.output);
  return json;
}

/// An array of integers of one element type, as int32 values.
template <typename Element>
std::vector<std::int32_t> read_integers(const fs::path& file, std::vector<std::size_t>& shape) {
  base::NpyArray array = base::read_npy(file);
  const auto* values = std::get_if<std::vector<Element>>(&array.values);
  if (values == nullptr) {
    throw InputError(file.string(), "descr", fmt::format("expected int{}", 8 * sizeof(Element)));
  }
  shape = std::move(array.shape);
  return {values->begin(), values->end()};
}

/// A file of the export: its name is part of the manifest and must stay inside the folder.
fs::path read_file_name(JsonObject& object, const char* key, const fs::path& folder) {
  const std::string name = object.text(key, 1, 256);
  if (fs::path(name).filename() != name || !name.ends_with(".npy")) {
    object.fail(key, fmt::format("expected the name of an .npy file beside it, found '{}'", name));
  }
  return folder / name;
}

void read_codes(WeightLayer& layer, const fs::path& file) {
  const std::vector<std::int32_t> values = layer.bits <= kInt8Bits ? read_integers<std::int8_t>(file, layer.shape)
                                                                   : read_integers<std::int32_t>(file, layer.shape);
  if (layer.shape.size() < 2 || values.empty()) {
    throw InputError(file.string(), "shape", "expected an output channel's axis and at least one more");
  }
  const auto rows = static_cast<Eigen::Index>(layer.shape[0]);
  layer.codes = Eigen::Map<const op::Matrix>(values.data(), rows, static_cast<Eigen::Index>(values.size()) / rows);
  const AffineCodes codes{layer.bits, false};
  if (layer.codes.minCoeff() < codes.low() || layer.codes.maxCoeff() > codes.high()) {
    throw InputError(file.string(), "data", fmt::format("expected values in {} .. {}", codes.low(), codes.high()));
  }
}

void read_bias(WeightLayer& layer, const fs::path& file) {
  std::vector<std::size_t> shape;
  const std::vector<std::int32_t> values = read_integers<std::int32_t>(file, shape);
  if (shape != std::vector{layer.shape[0]}) {
    throw InputError(file.string(), "shape", fmt::format("expected ({},)", layer.shape[0]));
  }
  layer.bias = Eigen::Map<const op::Vector>(values.data(), static_cast<Eigen::Index>(values.size()));
}

WeightLayer read_layer(JsonObject& object, const fs::path& folder) {
  WeightLayer layer;
  layer.name = object.text("name", 1, 256);
  object.set_label(layer.name);
  layer.kind = object.text("kind", 1, 64);
  layer.bits = static_cast<int>(object.integer("bits", 2, 16));
  read_codes(layer, read_file_name(object, "weights", folder));
  if (object.has("bias")) read_bias(layer, read_file_name(object, "bias", folder));
  const AffineCodes codes{layer.bits, false};
  layer.scale.zero = static_cast<int>(object.integer("zero_point", codes.low(), codes.high()));
  layer.scale.scale.clear();
  if (object.has("scales")) {
    layer.scale.scale = object.numbers("scales", 1, layer.shape[0], 0, std::numeric_limits<double>::max());
  }
  if (layer.scale.scale.size() > 1 && layer.scale.scale.size() != layer.shape[0]) {
    object.fail("scales", fmt::format("expected 1 or {} values, found {}", layer.shape[0], layer.scale.scale.size()));
  }
  layer.input = read_activation(object.object("input"));
  layer.output = read_activation(object.object("output"));
  object.finish();
  return layer;
}

std::vector<std::size_t> array_shape(const op::Layer& layer) {
  const auto& w = layer.window;
  if (layer.kind == op::Kind::fully_connected) {
    return {as_size(layer.out_c), as_size(layer.in_h), as_size(layer.in_w), as_size(layer.in_c)};
  }
  std::vector<std::size_t> shape{as_size(layer.out_c), as_size(w.kernel_h), as_size(w.kernel_w)};
  if (layer.kind == op::Kind::conv2d) shape.push_back(as_size(layer.in_c));
  return shape;
}

void refuse_foreign_files(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name == kManifest || name.ends_with(".npy")) continue;
    throw InputError(folder.string(), name, "expected an export of weights to replace, found a foreign file");
  }
}

AffineScale of_tensor(const TensorScale& tensor) { return {tensor.of(0), tensor.zero}; }

}  // namespace

bool WeightLayer::operator==(const WeightLayer& other) const {
  return name == other.name && kind == other.kind && bits == other.bits && shape == other.shape &&
         codes.rows() == other.codes.rows() && codes.cols() == other.codes.cols() && codes == other.codes &&
         scale == other.scale && bias.size() == other.bias.size() && bias == other.bias && input == other.input &&
         output == other.output;
}

WeightFile exported_weights(const AffineNetwork& network) {
  WeightFile file{network.network.name, {}};
  for (std::size_t i = 0; i < network.weights.size(); ++i) {
    const auto& [layer, inputs] = network.network.nodes[i];
    if (layer.weights.size() == 0) continue;
    file.layers.push_back({layer.name, std::string(model::to_string(layer.kind)), layer.wgt_bits, array_shape(layer),
                           layer.weights, network.weights[i].scale, layer.bias,
                           of_tensor(network.tensors[static_cast<std::size_t>(inputs[0])]),
                           of_tensor(network.tensors[i + 1])});
  }
  return file;
}

namespace {

/// The one scale of a tensor that the layer reads or writes.
AffineScale only(const model::Network& network, const op::Layer& layer, const TensorScale& real, const char* which) {
  if (std::ranges::any_of(real.scale, [&](double scale) { return scale != real.scale[0]; })) {
    throw InputError(network.name, "layer '" + layer.name + "'",
                     fmt::format("expected an {} of one scale, found one for each channel", which));
  }
  return {real.scale[0], real.zero};
}

/// M S_out / S_in of each output channel, or of all.
std::vector<double> scales_of(const op::Layer& layer, double in, const TensorScale& out) {
  const op::Requantization& q = layer.out;
  const bool same = q.raw ? out.scale.size() == 1 : q.m0.size() == 1 && q.lshift.size() == 1 && q.n.size() == 1;
  std::vector<double> scales;
  for (int oc = 0; oc < (same ? 1 : layer.out_c); ++oc) {
    const auto of = [oc](const auto& list) { return list.size() == 1 ? list[0] : list[as_size(oc)]; };
    const double factor = q.multiply ? std::ldexp(static_cast<double>(of(q.m0)), of(q.lshift) - of(q.n) - 31)
                                     : std::ldexp(1.0, of(q.lshift) - of(q.n));
    scales.push_back((q.raw ? 1.0 : factor) * out.of(oc) / in);
  }
  return scales;
}

/// Codes, bias and zero points alone.
WeightLayer integers_of(const op::Layer& layer) {
  WeightLayer result{.name = layer.name,
                     .kind = std::string(model::to_string(layer.kind)),
                     .bits = layer.codebook.empty() ? layer.wgt_bits : kInt8Bits,
                     .shape = array_shape(layer),
                     .codes = layer.weights,
                     .scale = {{}, layer.zero_wgt},
                     .bias = layer.bias,
                     .input = {0, layer.zero_in},
                     .output = {0, layer.out.raw ? 0 : layer.out.zero_out}};
  if (!layer.codebook.empty()) {
    result.codes = layer.weights.unaryExpr([&](std::int32_t code) { return layer.codebook[as_size(code)]; });
  }
  if (!layer.wgt_signed) {
    const int half = 1 << (result.bits - 1);
    result.codes.array() -= half;
    result.scale.zero -= half;
  }
  return result;
}

}  // namespace

WeightFile exported_weights(const model::Network& network) {
  model::check_network(network, network.name);
  WeightFile file{network.name, {}};
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const auto& [layer, inputs] = network.nodes[i];
    if (layer.weights.size() == 0) continue;
    file.layers.push_back(integers_of(layer));
    if (!network.input.real || network.scales.empty()) continue;
    WeightLayer& known = file.layers.back();
    const TensorScale& in = inputs[0] == 0 ? *network.input.real : network.scales[as_size(inputs[0]) - 1];
    const TensorScale& out = network.scales[i];
    known.input = only(network, layer, in, "input");
    known.output = layer.out.raw ? AffineScale{out.of(0), out.zero} : only(network, layer, out, "output");
    known.scale.scale = scales_of(layer, known.input.scale, out);
  }
  return file;
}

void save_weights(const WeightFile& weights, const fs::path& folder) {
  base::replace_folder(folder, refuse_foreign_files, [&](const fs::path& fresh) {
    Json root{{"format", kFormat}, {"version", kVersion}, {"network", weights.network}, {"layers", Json::array()}};
    for (std::size_t i = 0; i < weights.layers.size(); ++i) {
      root["layers"].push_back(write_layer(weights.layers[i], file_stem(i, weights.layers[i].name), fresh));
    }
    base::write_file(fresh / kManifest, root.dump(1, ' ', false, Json::error_handler_t::replace) + '\n');
  });
}

WeightFile load_weights(const fs::path& folder) {
  JsonObject root = JsonObject::read(folder / kManifest, model::kMaxDescriptionBytes);
  const std::string format = root.text("format", 0, 64);
  if (format != kFormat) root.fail("format", fmt::format("expected '{}', found '{}'", kFormat, format));
  if (root.integer("version", 0, 1'000'000) != kVersion) root.fail("version", fmt::format("expected {}", kVersion));
  WeightFile file;
  file.network = root.text("network", 1, 256);
  for (JsonObject& object : root.objects("layers", 0, model::kMaxNodes)) {
    file.layers.push_back(read_layer(object, folder));
  }
  root.finish();
  return file;
}

}  // namespace systole::quant
