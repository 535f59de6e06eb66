// SPDX-License-Identifier: Apache-2.0
#pragma once
// JPEG files: the only place of libjpeg.
#include <filesystem>

#include "golden/op/tensor.h"

namespace systole::dataset {

/// The values 0 .. 255 that libjpeg-turbo decodes (its exact integer transform, smooth upsampling of colours): one
/// channel of a grey image, RGB of a coloured one. The orientation of EXIF and colour profiles change nothing.
/// Throws base::InputError: no JPEG, damaged or cut short, four colours (CMYK), above max_side in height or width.
op::Tensor read_jpeg(const std::filesystem::path& file, int max_side);

}  // namespace systole::dataset
