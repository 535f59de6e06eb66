// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX files for tests, made with the protobuf classes that the reader uses.
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/import/onnx/graph.h"

namespace systole::test {

using OnnxArray = model::onnx::Array;
using OnnxType = model::onnx::Type;
using OnnxShape = std::vector<std::int64_t>;
using OnnxAttributes = std::map<std::string, model::onnx::Attribute>;

inline OnnxArray array(OnnxType type, OnnxShape shape, std::vector<double> values) {
  return {.type = type, .shape = std::move(shape), .values = std::move(values)};
}
inline OnnxArray scalar(OnnxType type, double value) { return array(type, {}, {value}); }
inline OnnxArray real(double value) { return scalar(OnnxType::float32, value); }

/// A graph node by node. Functions give the name of what they add.
class OnnxGraph {
 public:
  /// Draws weights from (seed, name).
  explicit OnnxGraph(std::string name, std::uint64_t seed = 1);

  /// -1 = an extent left open.
  std::string input(OnnxType type, const OnnxShape& shape, const std::string& name = "x");
  void output(const std::string& name) { outputs_.push_back(name); }
  std::string constant(OnnxArray value);
  /// The same as a Constant node.
  std::string constant_node(OnnxArray value);
  std::string node(const std::string& op, const std::vector<std::string>& inputs, OnnxAttributes attributes = {});

  /// Integer constant drawn from low .. high.
  std::string draw(OnnxType type, const OnnxShape& shape, int low, int high);
  /// float32 constant drawn from low .. high.
  std::string draw_reals(const OnnxShape& shape, double low, double high);
  /// Scales drawn from 2^-2 .. 1 times `around`.
  std::string draw_scales(std::int64_t count, double around);

  std::string quantize(const std::string& x, double scale, OnnxType type, int zero);
  std::string dequantize(const std::string& x, double scale, OnnxType type, int zero);
  /// quantize, then dequantize.
  std::string requantize(const std::string& x, double scale, OnnxType type, int zero);
  /// int8 weights drawn with a scale per index of `axis`, behind a DequantizeLinear.
  std::string weights(const OnnxShape& shape, std::int64_t axis, double scale);

  [[nodiscard]] std::vector<std::byte> bytes() const;
  void save(const std::filesystem::path& file) const;
  /// What the reader makes of it.
  [[nodiscard]] model::onnx::Graph graph() const;

  /// 13 where nothing is said.
  void set_opset(std::int64_t opset) { opset_ = opset; }

  /// For tests that damage a graph.
  std::vector<model::onnx::Node>& nodes() { return nodes_; }
  std::map<std::string, OnnxArray>& constants() { return constants_; }

 private:
  std::string next(const std::string& stem);

  std::string name_;
  fixed::CounterRandom random_;
  std::uint64_t draws_ = 0, names_ = 0;
  std::int64_t opset_ = 13;
  std::vector<std::pair<std::string, model::onnx::Declaration>> inputs_;
  std::vector<std::string> outputs_;
  std::map<std::string, OnnxArray> constants_, constant_nodes_;
  std::vector<model::onnx::Node> nodes_;
};

}  // namespace systole::test
