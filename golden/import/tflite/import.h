// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/import/import.h"
#include "golden/import/tflite/graph.h"

namespace systole::model::tflite {

/// Translates a model operator by operator into layers with TFLite's int8 arithmetic. Throws base::InputError.
Import import_graph(const Graph& graph);

}  // namespace systole::model::tflite
