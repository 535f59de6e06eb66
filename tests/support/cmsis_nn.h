// SPDX-License-Identifier: Apache-2.0
#pragma once
// Layers with the expected outputs of the TFLite interpreter, as CMSIS-NN publishes them (Tests/UnitTest), one JSON
// file of `config` and `arrays` each: convolution, depthwise, fully connected, average and maximum pooling, int8.
#include <filesystem>
#include <vector>

#include "golden/format/samples.h"
#include "golden/model/network.h"

namespace systole::test {

/// One set as a network of one layer, and its images with what must come out.
struct CmsisNnSet {
  model::Network network;
  std::vector<model::Sample> samples;
};

/// Reads a set; a pooling is an average where the file's name says so. Throws std::runtime_error (also of the JSON
/// library) for a file of another kind.
CmsisNnSet read_cmsis_nn(const std::filesystem::path& file);

/// The sets of a folder, in the order of their names; none where there is no such folder.
std::vector<std::filesystem::path> cmsis_nn_files(const std::filesystem::path& folder);

/// Values of the samples that the golden answers otherwise.
std::int64_t differing(const model::Network& network, const std::vector<model::Sample>& samples);

}  // namespace systole::test
