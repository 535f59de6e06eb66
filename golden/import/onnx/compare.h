// SPDX-License-Identifier: Apache-2.0
#pragma once
// An imported ONNX network held against ONNX's own arithmetic (ops.h), layer by layer.
#include <filesystem>
#include <memory>
#include <vector>

#include "golden/format/samples.h"
#include "golden/import/onnx/import.h"
#include "golden/model/execute.h"

namespace systole::model::onnx {

/// Counts differences over samples.
class Comparison {
 public:
  /// Keeps references to both, which must outlive it.
  Comparison(const Graph& graph, const Translation& translation);

  /// Runs one sample, a value of the graph's input of its own shape and type, through the graph and the network, and
  /// returns the network's input with the network's answer. Throws base::InputError for a sample of another shape or
  /// type or a graph that cannot be evaluated, fixed::OverflowError where a sum of the network leaves int32.
  Sample add(const Array& sample);

  /// By layer: what it makes of the graph's own values of its inputs. At most one step each, see import_graph().
  [[nodiscard]] const std::vector<Difference>& layers() const { return layers_; }
  /// What the whole network makes of the sample; differences of layers may add up.
  [[nodiscard]] const Difference& output() const { return output_; }

 private:
  [[nodiscard]] op::Tensor elements(const Array& sample) const;
  [[nodiscard]] op::Tensor tensor(const std::map<std::string, Array>& values, std::size_t layer) const;

  const Graph& graph_;
  const Translation& translation_;
  Executor executor_;
  std::vector<std::unique_ptr<fast::Op>> ops_;
  fast::Workspace workspace_;
  std::vector<Difference> layers_;
  Difference output_;
};

/// A sample whose elements are drawn uniformly from all of the input's type: draw `number`, 0 and up.
Array random_sample(const Translation& translation, std::uint64_t number);

/// The sample that has these elements (of the network's input: shape and type as it says).
Array to_sample(const Translation& translation, const op::Tensor& elements);

/// Samples in a file, .npy or .pb (TensorProto), of the graph input's type and shape, the batch left out or more than
/// one; or in the files of a folder, in the order of their names, those called output* left out. Throws
/// base::InputError.
std::vector<Array> read_samples(const std::filesystem::path& path, const Translation& translation);
/// The same of a graph's input of this shape and type.
std::vector<Array> read_samples(const std::filesystem::path& path, const std::vector<std::int64_t>& shape, Type type);

/// Arrays in a file, .npy or .pb, or in the files of a folder that are called output*, in the order of their names,
/// perhaps none. Throws base::InputError.
std::vector<Array> read_outputs(const std::filesystem::path& path);

}  // namespace systole::model::onnx
