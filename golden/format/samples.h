// SPDX-License-Identifier: Apache-2.0
#pragma once
// Stored inputs of a network and what it must answer: the folder samples/ of docs/network-format.md.
#include <cstddef>
#include <filesystem>
#include <vector>

#include "golden/format/network_folder.h"
#include "golden/model/network.h"

namespace systole::model {

/// Integer values as the network reads and writes them (not pixels).
struct Sample {
  op::Tensor input;     ///< the network's input shape
  op::Tensor expected;  ///< the last node's output shape
};

/// Whether an array of these extents holds a tensor of `shape`: [h, w, c]; [h, w] where c = 1; [c] where h = w = 1;
/// each with a batch of 1 in front or without.
bool holds(std::vector<std::size_t> extents, const Shape& shape);

/// Reads samples/input_0.npy, expected_0.npy, input_1.npy, ... up to the first missing input; none where there is no
/// such folder. Arrays are int8, uint8 or int32 and hold() the tensor. Throws base::InputError: other shape or type,
/// values outside the element type, an input without its answer.
std::vector<Sample> load_samples(const Network& network, const std::filesystem::path& folder);

/// Writes samples 0 .. n-1 into `folder`/samples: int8 or uint8 where the values fit, otherwise int32. Throws
/// base::InputError.
void save_samples(const std::vector<Sample>& samples, const std::filesystem::path& folder);

}  // namespace systole::model
