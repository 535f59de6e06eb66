// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small valid networks that the tests of the file format start from.
#include <cstdint>

#include "golden/model/float_network.h"
#include "golden/model/network.h"

namespace systole::test {

/// Every layer kind and every optional field once: conv2d (codebook, align, bias), depthwise (unsigned weights with a
/// zero point, saturating), add, max_pool, avg_pool, fully_connected (raw).
model::Network every_kind();

/// concat(input, fully connected(input), input), one pixel of 2 + 3 + 2 channels.
model::Network concat_network();

/// conv2d, depthwise, max_pool, avg_pool, add, concat, fully_connected.
model::FloatNetwork every_float_kind();

}  // namespace systole::test
