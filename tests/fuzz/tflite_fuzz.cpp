// SPDX-License-Identifier: Apache-2.0
// golden/import, TFLite: what is imported runs.
#include <vector>

#include "golden/fixed/saturate.h"
#include "golden/import/tflite/import.h"
#include "golden/model/execute.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/small_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const auto bytes = std::as_bytes(fuzz::Bytes(data, size));
  fuzz::accepted([&] {
    const model::Import import =
        model::tflite::import_graph(model::tflite::parse_graph({bytes.begin(), bytes.end()}, "a.tflite"));
    const model::Input& in = import.network.input;
    if (!fuzz::is_small(import.network)) return;
    try {
      model::Executor(import.network).run(op::Tensor(in.height, in.width, in.channels));
    } catch (const fixed::OverflowError&) {
      return;  // the model's own sums leave int32
    }
  });
  return 0;
}
