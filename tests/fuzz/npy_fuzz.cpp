// SPDX-License-Identifier: Apache-2.0
// base/npy: an array that is read is written and read as the same.
#include "base/npy.h"
#include "tests/fuzz/harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const auto file = fuzz::write_file("a.npy", {data, size});
  fuzz::accepted([&] {
    const base::NpyArray array = base::read_npy(file);
    base::write_npy(fuzz::folder() / "b.npy", array);
    const base::NpyArray again = base::read_npy(fuzz::folder() / "b.npy");
    const bool same = std::visit(
        [](const auto& a, const auto& b) {
          return std::as_bytes(std::span(a)).size() == std::as_bytes(std::span(b)).size();
        },
        array.values, again.values);
    if (again.shape != array.shape || again.values.index() != array.values.index() || !same) {
      fuzz::fail("an array that changes when stored");
    }
  });
  return 0;
}
