// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/input_error.h"
#include "base/json_object.h"
#include "golden/format/network_folder.h"
#include "golden/format/network_frame.h"
#include "golden/model/float_network.h"

namespace systole::model {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kLargestScale = 1e6;

template <typename Values>
void read_floats(base::JsonObject entry, BlobReader& blobs, Eigen::Index rows, Eigen::Index columns, Values& values) {
  const std::byte* bytes = blobs.take(std::move(entry), "float32", sizeof(float), std::int64_t{rows} * columns);
  values.resize(rows, columns);
  std::memcpy(values.data(), bytes, static_cast<std::size_t>(values.size()) * sizeof(float));
}

FloatLayer read_float_layer(base::JsonObject& node, const std::string& name, const Shape& in, BlobReader& blobs) {
  auto layer = read_geometry<FloatLayer>(node, name, in);
  layer.relu = node.boolean("relu");
  if (node.has("clip")) layer.clip = static_cast<float>(node.number("clip", 0, kLargestScale));
  if (has_weights(layer.kind))
    read_floats(node.object("weights"), blobs, layer.out_c, weight_columns(layer), layer.weights);
  if (node.has("bias")) read_floats(node.object("bias"), blobs, layer.out_c, 1, layer.bias);
  return layer;
}

FloatInput read_float_input(base::JsonObject object) {
  auto input = read_input_shape<FloatInput>(object);
  input.pixel_zero = static_cast<int>(object.integer("pixel_zero", 0, 255));
  input.pixel_scale = static_cast<float>(object.number("pixel_scale", 0, kLargestScale));
  object.finish();
  return input;
}

Json write_floats(const float* values, Eigen::Index count, BlobWriter& blobs) {
  const std::size_t offset = blobs.append(values, static_cast<std::size_t>(count) * sizeof(float), sizeof(float));
  return {{"dtype", "float32"}, {"offset", offset}, {"count", count}};
}

Json write_node(const FloatNetwork& network, const FloatNode& node, BlobWriter& blobs) {
  const FloatLayer& layer = node.layer;
  auto json = write_place<Json>(network, node);
  write_geometry(json, layer);
  json["relu"] = layer.relu;
  if (layer.clip != 0) json["clip"] = layer.clip;
  if (has_weights(layer.kind)) json["weights"] = write_floats(layer.weights.data(), layer.weights.size(), blobs);
  if (layer.bias.size() != 0) json["bias"] = write_floats(layer.bias.data(), layer.bias.size(), blobs);
  return json;
}

/// The checks of one layer; `place` is where its messages point.
class LayerCheck {
 public:
  LayerCheck(const FloatNetwork& network, const std::string& file, std::size_t index)
      : network_(network),
        node_(network.nodes[index]),
        layer_(node_.layer),
        file_(file),
        place_(node_place(index, layer_.name)) {}

  void run() const {
    const Shape out{layer_.out_h, layer_.out_w, layer_.out_c};
    const Shape wanted = expected_shape(out);
    expect(out == wanted, "out_shape", fmt::format("{}, found {}", to_string(wanted), to_string(out)));
    if (layer_.kind == op::Kind::depthwise) {
      expect(layer_.out_c % layer_.in_c == 0, "out_shape", fmt::format("channels in multiples of {}", layer_.in_c));
    }
    if (has_window(layer_.kind)) window();
    numbers();
  }

 private:
  void expect(bool good, const char* field, const std::string& expected) const {
    if (!good) throw base::InputError(file_, fmt::format("{}.{}", place_, field), "expected " + expected);
  }

  /// What the kind and the inputs determine of the output's shape; the rest is taken from `out`.
  [[nodiscard]] Shape expected_shape(const Shape& out) const {
    const Shape in{layer_.in_h, layer_.in_w, layer_.in_c};
    switch (layer_.kind) {
      case op::Kind::conv2d:
      case op::Kind::depthwise:
        return out;
      case op::Kind::fully_connected:
        return {1, 1, out.channels};
      case op::Kind::max_pool:
      case op::Kind::avg_pool:
        return {out.height, out.width, in.channels};
      case op::Kind::add:
        expect(tensor_shape(network_, node_.inputs[1]) == in, "inputs", "two inputs of one shape");
        return in;
      case op::Kind::concat:
        break;
    }
    Shape sum{in.height, in.width, 0};
    for (const int tensor : node_.inputs) {
      const Shape part = tensor_shape(network_, tensor);
      expect(part.height == in.height && part.width == in.width, "inputs", "inputs of one height and width");
      sum.channels += part.channels;
    }
    return sum;
  }

  void window() const {
    extent(layer_.in_h, layer_.out_h, layer_.window.stride_h, layer_.window.pad_top, "height");
    extent(layer_.in_w, layer_.out_w, layer_.window.stride_w, layer_.window.pad_left, "width");
  }
  /// The last window must start inside the image, otherwise it reads nothing but padding.
  void extent(int in, int out, int stride, int pad, const char* which) const {
    const std::int64_t start = std::int64_t{out - 1} * stride - pad;
    expect(start < in, "out_shape",
           fmt::format("a {} whose last window starts before pixel {}, found {}", which, in, start));
  }

  void numbers() const {
    const std::int64_t rows = has_weights(layer_.kind) ? layer_.out_c : 0;
    const std::int64_t columns = has_weights(layer_.kind) ? weight_columns(layer_) : 0;
    expect(layer_.weights.rows() == rows && layer_.weights.cols() == columns, "weights",
           fmt::format("{} x {} values, found {} x {}", rows, columns, layer_.weights.rows(), layer_.weights.cols()));
    expect(layer_.bias.size() == 0 || layer_.bias.size() == rows, "bias", fmt::format("{} values or none", rows));
    expect(layer_.weights.allFinite(), "weights", "finite numbers");
    expect(layer_.bias.allFinite(), "bias", "finite numbers");
    expect(layer_.clip == 0 || (layer_.relu && layer_.clip > 0 && layer_.clip <= kLargestScale), "clip",
           fmt::format("a number above 0 and at most {}, behind a ReLU", kLargestScale));
  }

  const FloatNetwork& network_;
  const FloatNode& node_;
  const FloatLayer& layer_;
  const std::string& file_;
  std::string place_;
};

}  // namespace

void check_float_network(const FloatNetwork& network, const std::string& file) {
  const FloatInput& input = network.input;
  if (!(input.pixel_scale > 0 && input.pixel_scale <= kLargestScale)) {
    throw base::InputError(file, "input.pixel_scale",
                           fmt::format("expected a number above 0 and at most {}", kLargestScale));
  }
  if (input.pixel_zero < 0 || input.pixel_zero > 255)
    throw base::InputError(file, "input.pixel_zero", "expected 0 .. 255");
  check_graph(network, file, arity);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) LayerCheck(network, file, i).run();
  check_classes(network, file);
}

FloatNetwork load_float_network(const std::filesystem::path& folder) {
  return read_network<FloatNetwork>(folder, "float32", read_float_input, read_float_layer, check_float_network,
                                    [](base::JsonObject&, FloatNetwork&) {});
}

void save_float_network(const FloatNetwork& network, const std::filesystem::path& folder) {
  check_float_network(network, folder.string());
  const FloatInput& in = network.input;
  const Json input{
      {"shape", {in.height, in.width, in.channels}}, {"pixel_zero", in.pixel_zero}, {"pixel_scale", in.pixel_scale}};
  write_network(network, folder, "float32", input, Json::object(),
                [&](const FloatNode& node, BlobWriter& blobs) { return write_node(network, node, blobs); });
}

}  // namespace systole::model
