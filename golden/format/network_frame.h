// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the files of integer and of float networks have alike: everything but a layer's arithmetic and numbers
// (docs/network-format.md). Internal to the two; `Json` is the JSON library's object, which they alone include.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/json_object.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_folder.h"
#include "golden/op/layer.h"
#include "golden/op/validate.h"

namespace systole::model {

inline constexpr std::array<std::string_view, 7> kKindNames{"conv2d",   "depthwise", "fully_connected", "max_pool",
                                                            "avg_pool", "add",       "concat"};

/// Inputs of a node; a negative number means at least that many.
inline int arity(op::Kind kind) {
  if (kind == op::Kind::concat) return -2;
  return kind == op::Kind::add ? 2 : 1;
}

/// Columns of the weight matrix (rows are output channels).
template <typename Layer>
std::int64_t weight_columns(const Layer& layer) {
  const std::int64_t taps = std::int64_t{layer.window.kernel_h} * layer.window.kernel_w;
  if (layer.kind == op::Kind::conv2d) return taps * layer.in_c;
  if (layer.kind == op::Kind::depthwise) return taps;
  return std::int64_t{layer.in_h} * layer.in_w * layer.in_c;
}

// ---- reading

inline op::Kind read_kind(base::JsonObject& node) {
  const std::string name = node.text("kind", 1, 64);
  const auto* const it = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (it == kKindNames.end()) {
    node.fail("kind", fmt::format("expected one of {}, found '{}'", fmt::join(kKindNames, ", "), name));
  }
  return static_cast<op::Kind>(it - kKindNames.begin());
}

/// A layer with its name, kind, shapes and window.
template <typename Layer>
Layer read_geometry(base::JsonObject& node, const std::string& name, const Shape& in) {
  Layer layer;
  layer.name = name;
  layer.kind = read_kind(node);
  std::tie(layer.in_h, layer.in_w, layer.in_c) = std::tuple(in.height, in.width, in.channels);
  const Shape out = read_shape(node, "out_shape");
  std::tie(layer.out_h, layer.out_w, layer.out_c) = std::tuple(out.height, out.width, out.channels);
  if (op::has_window(layer.kind)) layer.window = read_window(node.object("window"));
  return layer;
}

/// The network's input with its shape.
template <typename Input>
Input read_input_shape(base::JsonObject& object) {
  Input input;
  const Shape shape = read_shape(object, "shape");
  std::tie(input.height, input.width, input.channels) = std::tuple(shape.height, shape.width, shape.channels);
  return input;
}

/// Reads a folder: read_input(object), read_layer(node, name, shape of the first input, blobs), check(network, file),
/// read_rest(root, network): the keys that this number alone has.
template <typename Network, typename ReadInput, typename ReadLayer, typename Check, typename ReadRest>
Network read_network(const std::filesystem::path& folder, std::string_view number, ReadInput read_input,
                     ReadLayer read_layer, Check check, ReadRest read_rest) {
  base::JsonObject root = read_description(folder, number);
  Network network;
  network.name = root.text("name", 1, 256);
  network.input = read_input(root.object("input"));
  network.classes = root.texts("classes", 0, kMaxChannels);
  BlobReader blobs(folder / kWeightsFile);
  read_nodes(root, network, [&](base::JsonObject& node, const std::string& name, const Shape& in) {
    return read_layer(node, name, in, blobs);
  });
  read_rest(root, network);
  root.finish();
  check(network, (folder / kDescriptionFile).string());
  blobs.finish();
  return network;
}

// ---- writing

/// The counterpart of read_geometry: all that stands before a layer's arithmetic goes behind the keys of `json`.
template <typename Json, typename Layer>
void write_geometry(Json& json, const Layer& layer) {
  json["out_shape"] = {layer.out_h, layer.out_w, layer.out_c};
  if (op::has_window(layer.kind)) json["window"] = Json::parse(window_text(layer.window));
}

/// Name, kind and inputs of a node.
template <typename Json, typename Network, typename Node>
Json write_place(const Network& network, const Node& node) {
  Json json{{"name", node.layer.name}, {"kind", kKindNames.at(static_cast<std::size_t>(node.layer.kind))}};
  for (const int tensor : node.inputs) json["inputs"].push_back(tensor_name(network, tensor));
  return json;
}

/// Writes a folder; `input`: what its reader reads, `rest`: the keys that this number alone has, write_node(node,
/// blobs): one node, add_files: as write_folder().
template <typename Json, typename Network, typename WriteNode>
void write_network(const Network& network, const std::filesystem::path& folder, std::string_view number, Json input,
                   const Json& rest, WriteNode write_node, const base::FolderAction& add_files = {}) {
  BlobWriter blobs;
  Json root{{"format", kFormatName}, {"version", kFormatVersion}, {"number", number},
            {"name", network.name},  {"input", std::move(input)}, {"classes", network.classes}};
  root.update(rest);
  for (const auto& node : network.nodes) root["nodes"].push_back(write_node(node, blobs));
  write_folder(folder, root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n", blobs.bytes(), add_files);
}

}  // namespace systole::model
