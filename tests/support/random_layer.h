// SPDX-License-Identifier: Apache-2.0
#pragma once
// The random layers of the sign-off's stimulus, for tests.
#include "signoff/stimulus/random_layer.h"

namespace systole::test {

using signoff::conv_layer;
using signoff::Draw;
using signoff::kEveryKind;
using signoff::LayerSizes;
using signoff::random_input;
using signoff::random_inputs;
using signoff::random_layer;

}  // namespace systole::test
