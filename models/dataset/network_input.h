// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a network reads from a file.
#include <filesystem>

#include "golden/model/network.h"
#include "golden/op/tensor.h"

namespace systole::dataset {

/// The network's input from one file. An image (read_image) is clamp(pixel + pixel_offset), grey or coloured as the
/// network's input needs it where that loses nothing; an .npy of int8 or int32 holds the elements themselves, as
/// samples/ does where they are not pixels, one of float32 real values, which the network's scale makes elements.
/// Throws base::InputError naming the file: another shape than the network's, colours for a grey input, an element
/// outside of its type, real values where the network has no scale.
op::Tensor read_input(const model::Input& input, const std::filesystem::path& file);

}  // namespace systole::dataset
