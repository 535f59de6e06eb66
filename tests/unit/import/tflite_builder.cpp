// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/import/tflite_builder.h"

#include <cstring>

#include "golden/import/tflite/tflite_generated.h"

namespace systole::test {

namespace schema = model::tflite::schema;

namespace {

flatbuffers::Offset<void> options(flatbuffers::FlatBufferBuilder& b, const TfliteOp& op, schema::BuiltinOptions& type) {
  const auto padding = static_cast<schema::Padding>(op.padding);
  const auto activation = static_cast<schema::Activation>(op.activation);
  switch (op.code) {
    case tflite_code::kConv:
      type = schema::BuiltinOptions::Conv2DOptions;
      return schema::CreateConv2DOptions(b, padding, op.stride_w, op.stride_h, activation, op.dilation_w, op.dilation_h)
          .Union();
    case tflite_code::kDepthwise:
      type = schema::BuiltinOptions::DepthwiseConv2DOptions;
      return schema::CreateDepthwiseConv2DOptions(b, padding, op.stride_w, op.stride_h, 0, activation, op.dilation_w,
                                                  op.dilation_h)
          .Union();
    case tflite_code::kMaxPool:
    case tflite_code::kAveragePool:
      type = schema::BuiltinOptions::Pool2DOptions;
      return schema::CreatePool2DOptions(b, padding, op.stride_w, op.stride_h, op.kernel_w, op.kernel_h, activation)
          .Union();
    case tflite_code::kFullyConnected:
      type = schema::BuiltinOptions::FullyConnectedOptions;
      return schema::CreateFullyConnectedOptions(b, activation).Union();
    case tflite_code::kAdd:
      type = schema::BuiltinOptions::AddOptions;
      return schema::CreateAddOptions(b, activation).Union();
    default:
      type = schema::BuiltinOptions::NONE;
      return 0;
  }
}

}  // namespace

std::vector<std::byte> TfliteFile::bytes() const {
  flatbuffers::FlatBufferBuilder b;
  std::vector<flatbuffers::Offset<schema::Buffer>> buffer_list{schema::CreateBuffer(b)};
  std::vector<flatbuffers::Offset<schema::Tensor>> tensor_list;
  for (const TfliteTensor& t : tensors) {
    const auto quantization = schema::CreateQuantizationParametersDirect(b, &t.scale, &t.zero, 0, t.dimension);
    const auto buffer = t.data.empty() ? 0U : static_cast<unsigned>(buffer_list.size());
    tensor_list.push_back(schema::CreateTensorDirect(b, &t.shape, static_cast<schema::TensorType>(t.type), buffer,
                                                     t.name.c_str(), quantization));
    if (!t.data.empty()) buffer_list.push_back(schema::CreateBufferDirect(b, &t.data));
  }
  std::vector<flatbuffers::Offset<schema::OperatorCode>> code_list;
  std::vector<flatbuffers::Offset<schema::Operator>> op_list;
  for (const TfliteOp& op : ops) {
    schema::BuiltinOptions type = schema::BuiltinOptions::NONE;
    const auto value = options(b, op, type);
    op_list.push_back(
        schema::CreateOperatorDirect(b, static_cast<unsigned>(code_list.size()), &op.inputs, &op.outputs, type, value));
    code_list.push_back(schema::CreateOperatorCodeDirect(b, static_cast<std::int8_t>(op.code),
                                                         op.code == tflite_code::kCustom ? "Foo" : nullptr, 1,
                                                         static_cast<schema::BuiltinOperator>(op.code)));
  }
  const std::vector graphs{schema::CreateSubGraphDirect(b, &tensor_list, &inputs, &outputs, &op_list, "main")};
  schema::FinishModelBuffer(b, schema::CreateModelDirect(b, version, &code_list, &graphs, "test", &buffer_list));
  std::vector<std::byte> result(b.GetSize());
  std::memcpy(result.data(), b.GetBufferPointer(), result.size());
  return result;
}

std::vector<std::uint8_t> int8_data(const std::vector<int>& values) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size());
  for (const int value : values) bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

std::vector<std::uint8_t> int32_data(const std::vector<int>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(int));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace systole::test
