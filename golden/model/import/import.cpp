#include "golden/model/import/import.h"

#include <utility>

#include "golden/model/import/file_bytes.h"
#include "golden/model/import/tflite_import.h"
#include "golden/model/import/tflite_model.h"

namespace systole::model {

Import import_model(const std::filesystem::path& file) {
  return tflite::import_graph(tflite::parse_model(read_bytes(file), file.string()));
}

}  // namespace systole::model
