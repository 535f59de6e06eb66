// SPDX-License-Identifier: Apache-2.0
#pragma once
// An imported float network held against ONNX's own arithmetic (ops.h), layer by layer, and against answers of the
// framework that the graph comes from.
#include <cstdint>
#include <filesystem>
#include <vector>

#include "golden/import/onnx/float_import.h"
#include "golden/model/float_execute.h"

namespace systole::model::onnx {

/// What a float network may lie from its source: of a tensor's largest value, relative() below.
inline constexpr double kFloatTolerance = 1e-4;

/// How far the values of one tensor lie from those expected.
struct FloatDifference {
  std::int64_t compared = 0;
  double largest = 0;    ///< max |found - expected|; infinite where one is no number
  double reference = 0;  ///< max |expected|
  void add(double found, double expected);
  /// largest / reference; largest itself where all that is expected is 0.
  [[nodiscard]] double relative() const { return reference > 0 ? largest / reference : largest; }
};

/// Measures differences over samples; the whole network runs on each, so that differences of layers add up.
class FloatComparison {
 public:
  /// Keeps references to both, which must outlive it.
  FloatComparison(const Graph& graph, const FloatTranslation& translation);

  /// Runs one sample, a value of the graph's input, through the graph and the network. `answer`: what the framework
  /// answers, as many values as the network's output in the graph's order; nullptr: not known. Throws base::InputError
  /// for a sample or an answer of another shape, or a graph that cannot be evaluated.
  void add(const Array& sample, const Array* answer = nullptr);

  /// By layer, the last one's is the output's.
  [[nodiscard]] const std::vector<FloatDifference>& layers() const { return layers_; }
  /// Of the network's output from the answers given.
  [[nodiscard]] const FloatDifference& answers() const { return answers_; }

 private:
  const Graph& graph_;
  const FloatTranslation& translation_;
  FloatExecutor executor_;
  std::vector<FloatDifference> layers_;
  FloatDifference answers_;
};

/// Pixels drawn uniformly from 0 .. 255 as real values of the network's input: draw `number`, 0 and up.
Array random_sample(const FloatTranslation& translation, std::uint64_t number);

/// Answers in a file, .npy or .pb, of `values` float32 values each, one after another; of a folder, the files called
/// output*, none where there is none. Throws base::InputError.
std::vector<Array> read_answers(const std::filesystem::path& path, std::int64_t values);

}  // namespace systole::model::onnx
