// SPDX-License-Identifier: Apache-2.0
#pragma once
// PNG files: the only place of libpng.
#include <filesystem>

#include "golden/op/tensor.h"

namespace systole::dataset {

/// The values as they are stored, 0 .. 255: one channel of a grey image, three of a coloured one or of a palette; of 16
/// bits the high byte, of 1, 2 and 4 bits the full range, alpha over black. Gamma and colour profiles change nothing.
/// Throws base::InputError: no PNG, damaged, above max_side in height or width.
op::Tensor read_png(const std::filesystem::path& file, int max_side);

}  // namespace systole::dataset
