#pragma once
#include "golden/model/import/import.h"
#include "golden/model/import/tflite_model.h"

namespace systole::model::tflite {

/// Translates a model operator by operator into layers with TFLite's int8 arithmetic. Throws InputError.
Import import_graph(const Model& model);

}  // namespace systole::model::tflite
