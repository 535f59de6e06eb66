// SPDX-License-Identifier: Apache-2.0
#include "golden/import/import.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/file_bytes.h"
#include "golden/fixed/counter_random.h"
#include "golden/import/onnx/import.h"
#include "golden/import/tflite/graph.h"
#include "golden/import/tflite/import.h"
#include "golden/op/validate.h"

namespace systole::model {

void Difference::add(std::int64_t found, std::int64_t expected) {
  const std::int64_t steps = std::abs(found - expected);
  ++compared;
  if (steps != 0) ++unequal;
  largest = std::max(largest, steps);
}

Import import_model(const std::filesystem::path& file) {
  if (onnx::is_onnx(file)) return onnx::import_graph(onnx::read_graph(file)).import;
  return tflite::import_graph(tflite::parse_graph(base::read_bytes(file), file.string()));
}

op::Tensor random_elements(const Input& input, std::uint64_t number) {
  const op::ElementRange range = op::element_range(input.is_signed, input.bits);
  const fixed::CounterRandom random(number, "import.onnx", "samples");
  op::Tensor elements(input.height, input.width, input.channels);
  for (Eigen::Index i = 0; i < elements.data.size(); ++i) {
    elements.data.data()[i] = random.between(static_cast<std::uint64_t>(i), range.low, range.high);
  }
  return elements;
}

}  // namespace systole::model
