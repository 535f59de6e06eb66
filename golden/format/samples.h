// SPDX-License-Identifier: Apache-2.0
#pragma once
// Stored inputs of a network and what it must answer: the folder samples/ of docs/network-format.md.
#include <filesystem>
#include <vector>

#include "golden/model/network.h"

namespace systole::model {

/// Integer values as the network reads and writes them (not pixels).
struct Sample {
  op::Tensor input;     ///< the network's input shape
  op::Tensor expected;  ///< the last node's output shape
};

/// Reads samples/input_0.npy, expected_0.npy, input_1.npy, ... up to the first missing input; none where there is no
/// such folder. Arrays are int8, uint8 or int32 of shape [h, w, c], or [c] where h = w = 1. Throws base::InputError:
/// other shape or type, values outside the element type, an input without its answer.
std::vector<Sample> load_samples(const Network& network, const std::filesystem::path& folder);

/// Writes samples 0 .. n-1 into `folder`/samples: int8 or uint8 where the values fit, otherwise int32. Throws
/// base::InputError.
void save_samples(const std::vector<Sample>& samples, const std::filesystem::path& folder);

}  // namespace systole::model
