// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the rules of several operators set in a layer. Internal to this folder.
#include <cstdint>

#include "golden/import/tflite/network_builder.h"
#include "golden/op/layer.h"
#include "golden/op/multiplier.h"

namespace systole::model::tflite {

/// The factor as m0, lshift and n.
op::Multiplier multiplier(const Builder& b, double real);

/// Zero point and clamp of the output.
void set_output(const Builder& b, op::Layer& layer, Activation activation);

/// Geometry of a window over the padded map; false where the layer's own padding cannot express it.
bool try_window(const Builder& b, op::Layer& layer, const WindowOptions& o, const Pads& pads);

/// The same of a map without pads; fails where it cannot.
void set_window(const Builder& b, op::Layer& layer, const WindowOptions& o);

/// Element i of a constant of int32 or int64.
std::int64_t integer_at(const Tensor& t, std::int64_t i);

}  // namespace systole::model::tflite
