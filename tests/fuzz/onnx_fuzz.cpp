// SPDX-License-Identifier: Apache-2.0
// golden/import, ONNX, quantized and float: what is imported runs, and so does the reference.
#include <vector>

#include "golden/fixed/saturate.h"
#include "golden/import/onnx/compare.h"
#include "golden/import/onnx/float_compare.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/small_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const auto bytes = std::as_bytes(fuzz::Bytes(data, size));
  fuzz::accepted([&] {
    const model::onnx::Graph graph = model::onnx::parse_graph({bytes.begin(), bytes.end()}, "a.onnx");
    if (model::onnx::is_float(graph)) {
      const model::onnx::FloatTranslation translation = model::onnx::import_float_graph(graph);
      if (!fuzz::is_small(translation.network)) return;
      model::onnx::FloatComparison comparison(graph, translation);
      comparison.add(model::onnx::random_sample(translation, 0));
      return;
    }
    const model::onnx::Translation translation = model::onnx::import_graph(graph);
    if (!fuzz::is_small(translation.import.network)) return;
    model::onnx::Comparison comparison(graph, translation);
    try {
      comparison.add(model::onnx::random_sample(translation, 0));
    } catch (const fixed::OverflowError&) {
      return;  // the graph's own sums leave int32
    }
  });
  return 0;
}
