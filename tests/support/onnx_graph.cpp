// SPDX-License-Identifier: Apache-2.0
#include "tests/support/onnx_graph.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <fstream>
#include <stdexcept>
#include <variant>

namespace systole::test {

namespace {

namespace pb = ::onnx;

pb::TensorProto::DataType to_proto(OnnxType type) {
  switch (type) {
    case OnnxType::float32:
      return pb::TensorProto::FLOAT;
    case OnnxType::int8:
      return pb::TensorProto::INT8;
    case OnnxType::uint8:
      return pb::TensorProto::UINT8;
    case OnnxType::int32:
      return pb::TensorProto::INT32;
    case OnnxType::int64:
      break;
  }
  return pb::TensorProto::INT64;
}

void write(const OnnxArray& array, pb::TensorProto& tensor) {
  tensor.set_data_type(to_proto(array.type));
  for (const std::int64_t extent : array.shape) tensor.add_dims(extent);
  for (const double value : array.values) {
    if (array.type == OnnxType::float32) {
      tensor.add_float_data(static_cast<float>(value));
    } else if (array.type == OnnxType::int64) {
      tensor.add_int64_data(static_cast<std::int64_t>(value));
    } else {
      tensor.add_int32_data(static_cast<std::int32_t>(value));
    }
  }
}

void write(const std::string& name, const model::onnx::Attribute& value, pb::AttributeProto& attribute) {
  attribute.set_name(name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    attribute.set_type(pb::AttributeProto::INT);
    attribute.set_i(*integer);
  } else if (const auto* real = std::get_if<float>(&value)) {
    attribute.set_type(pb::AttributeProto::FLOAT);
    attribute.set_f(*real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    attribute.set_type(pb::AttributeProto::STRING);
    attribute.set_s(*text);
  } else if (const auto* tensor = std::get_if<OnnxArray>(&value)) {
    attribute.set_type(pb::AttributeProto::TENSOR);
    write(*tensor, *attribute.mutable_t());
  } else if (std::holds_alternative<std::monostate>(value)) {
    attribute.set_type(pb::AttributeProto::FLOATS);
  } else {
    attribute.set_type(pb::AttributeProto::INTS);
    for (const std::int64_t entry : std::get<std::vector<std::int64_t>>(value)) attribute.add_ints(entry);
  }
}

}  // namespace

OnnxGraph::OnnxGraph(std::string name, std::uint64_t seed)
    : name_(std::move(name)), random_(seed, name_, "onnx graph") {}

std::string OnnxGraph::next(const std::string& stem) { return fmt::format("{}_{}", stem, names_++); }

std::string OnnxGraph::input(OnnxType type, const OnnxShape& shape, const std::string& name) {
  inputs_.emplace_back(name, model::onnx::Declaration{.type = type, .type_name = {}, .shape = shape});
  return name;
}

std::string OnnxGraph::constant(OnnxArray value) {
  std::string name = next("c");
  constants_.emplace(name, std::move(value));
  return name;
}

std::string OnnxGraph::constant_node(OnnxArray value) {
  std::string name = node("Constant", {});
  constant_nodes_.emplace(name, std::move(value));
  return name;
}

std::string OnnxGraph::node(const std::string& op, const std::vector<std::string>& inputs, OnnxAttributes attributes) {
  std::string name = next("t");
  nodes_.push_back(
      {.op = op, .name = "n_" + name, .inputs = inputs, .outputs = {name}, .attributes = std::move(attributes)});
  return name;
}

std::string OnnxGraph::draw(OnnxType type, const OnnxShape& shape, int low, int high) {
  OnnxArray result = array(type, shape, {});
  result.values.resize(static_cast<std::size_t>(model::onnx::element_count(shape)));
  for (double& value : result.values) value = random_.between(draws_++, low, high);
  return constant(std::move(result));
}

std::string OnnxGraph::draw_reals(const OnnxShape& shape, double low, double high) {
  OnnxArray result = array(OnnxType::float32, shape, {});
  result.values.resize(static_cast<std::size_t>(model::onnx::element_count(shape)));
  for (double& value : result.values) {
    value = static_cast<double>(static_cast<float>(low + (high - low) * random_.real(draws_++)));
  }
  return constant(std::move(result));
}

std::string OnnxGraph::draw_scales(std::int64_t count, double around) {
  OnnxArray result = array(OnnxType::float32, {count}, {});
  for (std::int64_t i = 0; i < count; ++i) {
    result.values.push_back(static_cast<double>(static_cast<float>(around * (0.25 + 0.75 * random_.real(draws_++)))));
  }
  return constant(std::move(result));
}

std::string OnnxGraph::quantize(const std::string& x, double scale, OnnxType type, int zero) {
  return node("QuantizeLinear", {x, constant(real(scale)), constant(scalar(type, zero))});
}

std::string OnnxGraph::dequantize(const std::string& x, double scale, OnnxType type, int zero) {
  return node("DequantizeLinear", {x, constant(real(scale)), constant(scalar(type, zero))});
}

std::string OnnxGraph::requantize(const std::string& x, double scale, OnnxType type, int zero) {
  return dequantize(quantize(x, scale, type, zero), scale, type, zero);
}

std::string OnnxGraph::weights(const OnnxShape& shape, std::int64_t axis, double scale) {
  const std::int64_t channels = shape[static_cast<std::size_t>(axis)];
  const std::string zeros =
      constant(array(OnnxType::int8, {channels}, std::vector<double>(static_cast<std::size_t>(channels))));
  return node("DequantizeLinear", {draw(OnnxType::int8, shape, -127, 127), draw_scales(channels, scale), zeros},
              {{"axis", axis}});
}

std::vector<std::byte> OnnxGraph::bytes() const {
  pb::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(opset_);
  pb::GraphProto& graph = *model.mutable_graph();
  graph.set_name(name_);
  for (const auto& [name, declaration] : inputs_) {
    pb::ValueInfoProto& input = *graph.add_input();
    input.set_name(name);
    pb::TypeProto::Tensor& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(to_proto(*declaration.type));
    for (const std::int64_t extent : declaration.shape) {
      auto& dim = *type.mutable_shape()->add_dim();
      if (extent == -1) {
        dim.set_dim_param("N");
      } else {
        dim.set_dim_value(extent);
      }
    }
  }
  for (const std::string& name : outputs_) graph.add_output()->set_name(name);
  for (const auto& [name, value] : constants_) {
    write(value, *graph.add_initializer());
    graph.mutable_initializer(graph.initializer_size() - 1)->set_name(name);
  }
  for (const model::onnx::Node& source : nodes_) {
    pb::NodeProto& node = *graph.add_node();
    node.set_op_type(source.op);
    node.set_name(source.name);
    if (source.op == "QLinearAdd") node.set_domain("com.microsoft");
    for (const std::string& input : source.inputs) node.add_input(input);
    for (const std::string& output : source.outputs) node.add_output(output);
    for (const auto& [name, value] : source.attributes) write(name, value, *node.add_attribute());
    if (const auto it = constant_nodes_.find(source.outputs[0]); it != constant_nodes_.end()) {
      pb::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name("value");
      attribute.set_type(pb::AttributeProto::TENSOR);
      write(it->second, *attribute.mutable_t());
    }
  }
  std::vector<std::byte> bytes(model.ByteSizeLong());
  if (!model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()))) throw std::logic_error("no model");
  return bytes;
}

void OnnxGraph::save(const std::filesystem::path& file) const {
  const std::vector<std::byte> model = bytes();
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(model.data()), static_cast<std::streamsize>(model.size()));
}

model::onnx::Graph OnnxGraph::graph() const { return model::onnx::parse_graph(bytes(), name_ + ".onnx"); }

}  // namespace systole::test
