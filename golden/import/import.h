// SPDX-License-Identifier: Apache-2.0
#pragma once
// Networks from other tools: docs/import.md.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/model/network.h"

namespace systole::model {

/// What became of one operator of the source graph.
struct ImportStep {
  std::size_t index = 0;  ///< in the source's execution order
  std::string op;         ///< the source's name of it
  std::string became;     ///< one phrase: "conv2d '00_conv_2d'", "left to the host"
};

/// How far values lie from those they are held against, in steps.
struct Difference {
  std::int64_t compared = 0, unequal = 0, largest = 0;
  void add(std::int64_t found, std::int64_t expected);
};

/// A network in Systole's form and how it came about.
struct Import {
  std::string format;  ///< "TFLite int8", "ONNX, uint8 elements"
  Network network;
  std::vector<ImportStep> steps;  ///< every operator of the source, in its order
};

/// Reads a TFLite or ONNX file. Throws base::InputError naming file and place for anything that no layer carries over:
/// an operator outside the list, with its index and the list; a type, shape or parameter outside of what docs/import.md
/// says. A TFLite network answers bit for bit as TFLite does, an ONNX one within a step a layer (onnx/compare.h). The
/// result passes check_network.
Import import_model(const std::filesystem::path& file);

/// Elements of a network's input, drawn uniformly from all of its type: draw `number`, 0 and up.
op::Tensor random_elements(const Input& input, std::uint64_t number);

}  // namespace systole::model
