// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/import/onnx_builder.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include <stdexcept>

namespace systole::test {

namespace {

constexpr const char* kModel = R"(
  ir_version: 8
  opset_import {{ version: 13 }}
  graph {{
    input {{ name: "x" }}
    output {{ name: "y" }}
    initializer {{ name: "c" data_type: 1 dims: 2 {} }}
    node {{ op_type: "{}" domain: "{}" input: "x" input: "c" output: "y" }}
  }})";
constexpr const char* kTyped = "float_data: 1.5 float_data: -2";
constexpr const char* kRaw = R"(raw_data: "\000\000\300\077\000\000\000\300")";  // the same, little-endian

}  // namespace

std::vector<std::byte> onnx_bytes(const std::string& op, const std::string& domain, bool raw) {
  onnx::ModelProto model;
  const std::string text = fmt::format(fmt::runtime(kModel), raw ? kRaw : kTyped, op, domain);
  if (!google::protobuf::TextFormat::ParseFromString(text, &model)) throw std::logic_error("the model is not a model");
  std::vector<std::byte> bytes(model.ByteSizeLong());
  model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace systole::test
