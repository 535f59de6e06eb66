// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/throughput.h"

#include <doctest/doctest.h>

namespace systole::fast {
namespace {

TEST_CASE("fast.throughput.counts_the_convolutions_of_vgg16") {
  const Throughput result = measure_throughput(1);
  REQUIRE(result.shapes.size() == 13);
  std::int64_t macs = 0;
  for (const ShapeThroughput& shape : result.shapes) {
    macs += shape.macs;
    CHECK(shape.golden_seconds > 0);
    CHECK(shape.float_seconds > 0);
  }
  CHECK(macs == 313196544);  // VGG16 without its classifier on a 32 x 32 x 3 image
  CHECK(result.shapes.front().shape == "32x32x3 -> 64");
  CHECK(result.lenet_images_per_second > 0);
}

}  // namespace
}  // namespace systole::fast
