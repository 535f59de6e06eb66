// SPDX-License-Identifier: Apache-2.0
#pragma once
// Integer networks on disk: docs/network-format.md.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_object.h"
#include "golden/format/samples.h"
#include "golden/model/network.h"

namespace systole::model {

/// "conv2d", "depthwise", ... as files and messages spell it.
std::string_view to_string(op::Kind kind);

/// A layer's kind, shape and arithmetic as a node of network.json spells them (JSON text), without inputs and without
/// the numbers of weights and bias.
std::string layer_text(const op::Layer& layer);

/// The layer that layer_text() wrote, its first input of in_h x in_w x in_c; weights and bias are left empty. Throws
/// base::InputError.
op::Layer read_layer_text(base::JsonObject object, int in_h, int in_w, int in_c);

/// Checks graph, shapes, element types that chain (a layer's outputs fit the next layer's input type), lengths and
/// ranges. Throws base::InputError with `file` as the file's name, the layer and the field.
void check_network(const Network& network, const std::string& file);

/// Reads a folder with network.json ("number": "integer") and weights.bin. Throws base::InputError.
Network load_network(const std::filesystem::path& folder);

/// Checks and writes the network with its samples, if any; replaces a network already there as one step, so that
/// nothing half-written is ever read, and leaves a folder that holds anything else alone. Throws base::InputError.
void save_network(const Network& network, const std::filesystem::path& folder, const std::vector<Sample>& samples = {});

}  // namespace systole::model
