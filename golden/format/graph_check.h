// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules that every network's graph obeys, whatever its numbers: names, order, shapes that chain.
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "golden/format/network_folder.h"

namespace systole::model {

/// "nodes[2] 'conv2'", as base::JsonObject names the same place.
inline std::string node_place(std::size_t index, const std::string& name) {
  return fmt::format("nodes[{}] '{}'", index, name);
}

/// The shape of a tensor by its number: 0 is the network's input, i + 1 the output of node i.
template <typename Network>
Shape tensor_shape(const Network& network, int tensor) {
  if (tensor == 0) return {network.input.height, network.input.width, network.input.channels};
  const auto& layer = network.nodes[static_cast<std::size_t>(tensor) - 1].layer;
  return {layer.out_h, layer.out_w, layer.out_c};
}

inline void check_shape(const std::string& file, const std::string& place, const Shape& shape) {
  const bool positive = shape.height >= 1 && shape.width >= 1 && shape.channels >= 1;
  if (!positive || shape.height > kMaxExtent || shape.width > kMaxExtent || shape.channels > kMaxChannels ||
      shape.elements() > kMaxElements) {
    throw base::InputError(file, place,
                           fmt::format("expected extents of 1 .. {} (channels {}) and at most {} elements, found {}",
                                       kMaxExtent, kMaxChannels, kMaxElements, to_string(shape)));
  }
}

/// Checks names (unique, not "input"), inputs (earlier nodes; as many as `arity` says, a negative one meaning at least
/// that many) and that every layer's in_* is its first input's shape. Throws base::InputError.
template <typename Network, typename Arity>
void check_graph(const Network& network, const std::string& file, Arity arity) {
  check_shape(file, "input.shape", tensor_shape(network, 0));
  if (network.nodes.empty()) throw base::InputError(file, "nodes", "expected at least one node");
  std::set<std::string> names{std::string(kInputName)};
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const auto& [layer, inputs] = network.nodes[i];
    const std::string place = node_place(i, layer.name);
    if (layer.name.empty() || !names.insert(layer.name).second) {
      throw base::InputError(file, place + ".name",
                             "expected a name that is not empty, not 'input' and not used before");
    }
    const int wanted = arity(layer.kind);
    const int found = static_cast<int>(inputs.size());
    if (wanted < 0 ? found < -wanted : found != wanted) {
      throw base::InputError(
          file, place + ".inputs",
          fmt::format("expected {}{} inputs, found {}", wanted < 0 ? "at least " : "", std::abs(wanted), found));
    }
    for (const int tensor : inputs) {
      if (tensor < 0 || static_cast<std::size_t>(tensor) > i) {
        throw base::InputError(file, place + ".inputs",
                               "expected the network's input or the output of an earlier node");
      }
    }
    const Shape in{layer.in_h, layer.in_w, layer.in_c};
    const Shape source = tensor_shape(network, inputs[0]);
    if (in != source) {
      throw base::InputError(file, place,
                             fmt::format("expected an input of shape {}, found {}", to_string(in), to_string(source)));
    }
    check_shape(file, place + ".out_shape", {layer.out_h, layer.out_w, layer.out_c});
  }
}

/// What nodes call a tensor by its number.
template <typename Network>
std::string tensor_name(const Network& network, int tensor) {
  return tensor == 0 ? std::string(kInputName) : network.nodes[static_cast<std::size_t>(tensor) - 1].layer.name;
}

/// A network with class names has one per logit.
template <typename Network>
void check_classes(const Network& network, const std::string& file) {
  const auto logits =
      static_cast<std::size_t>(tensor_shape(network, static_cast<int>(network.nodes.size())).elements());
  if (!network.classes.empty() && network.classes.size() != logits) {
    throw base::InputError(
        file, "classes",
        fmt::format("expected {} names, one per output, or none, found {}", logits, network.classes.size()));
  }
}

/// Reads the array "nodes": resolves names to tensor numbers and lets `read_layer(node, name, first input's shape)` do
/// the rest.
template <typename Network, typename ReadLayer>
void read_nodes(base::JsonObject& root, Network& network, ReadLayer read_layer) {
  std::map<std::string, int> tensors{{std::string(kInputName), 0}};
  for (base::JsonObject& node : root.objects("nodes", 1, kMaxNodes)) {
    const std::string name = node.text("name", 1, 256);
    node.set_label(name);
    std::vector<int> inputs;
    for (const std::string& source : node.texts("inputs", 1, kMaxInputs)) {
      const auto it = tensors.find(source);
      if (it == tensors.end())
        node.fail("inputs", fmt::format("expected 'input' or the name of an earlier node, found '{}'", source));
      inputs.push_back(it->second);
    }
    auto layer = read_layer(node, name, tensor_shape(network, inputs[0]));
    node.finish();
    network.nodes.push_back({std::move(layer), std::move(inputs)});
    if (!tensors.emplace(name, static_cast<int>(network.nodes.size())).second) {
      node.fail("name", "expected a name that is not 'input' and not used before");
    }
  }
}

}  // namespace systole::model
