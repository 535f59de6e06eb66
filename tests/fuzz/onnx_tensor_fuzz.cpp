// SPDX-License-Identifier: Apache-2.0
// golden/import: stored ONNX tensors (.pb).
#include "golden/import/onnx/graph.h"
#include "tests/fuzz/harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const auto file = fuzz::write_file("a.pb", {data, size});
  fuzz::accepted([&] {
    const model::onnx::Array array = model::onnx::read_tensor(file);
    if (model::onnx::element_count(array.shape) != static_cast<std::int64_t>(array.values.size())) {
      fuzz::fail("a tensor without its values");
    }
  });
  return 0;
}
