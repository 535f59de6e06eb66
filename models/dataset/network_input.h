// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a network reads from a file.
#include <filesystem>

#include "golden/model/network.h"
#include "golden/op/tensor.h"

namespace systole::dataset {

/// The network's input from one file. An image (read_image) is clamp(pixel + pixel_offset); an .npy of int8 holds the
/// elements themselves, as samples/ does where they are not pixels. Throws base::InputError naming the file: another
/// shape than the network's, an element outside of its type.
op::Tensor read_input(const model::Input& input, const std::filesystem::path& file);

}  // namespace systole::dataset
