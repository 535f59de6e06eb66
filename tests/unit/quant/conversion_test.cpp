// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/conversion.h"

#include <doctest/doctest.h>

#include <cmath>

#include "golden/model/float_execute.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using op::Kind;

/// A padded convolution and a depthwise one read the image.
FloatNetwork two_readers(float pixel_scale) {
  FloatNetwork network{"readers", {4, 4, 3, 37, pixel_scale}, {}, {}};
  auto conv = test::float_layer("conv", Kind::conv2d, {4, 4, 3}, {4, 4, 3}, test::kSame3x3);
  conv.weights = test::random_matrix(3, 27, 0);
  conv.bias = test::random_matrix(3, 1, 100);
  auto depthwise = test::float_layer("depthwise", Kind::depthwise, {4, 4, 3}, {4, 4, 3}, test::kSame3x3);
  depthwise.weights = test::random_matrix(3, 9, 200);
  network.nodes = {{conv, {0}}, {depthwise, {0}}, {test::float_layer("add", Kind::add, {4, 4, 3}, {4, 4, 3}), {1, 2}}};
  return network;
}

TEST_CASE("quant.with_binary_pixels.same_function") {
  for (const float scale : {1.0F / 255, 0.003F, 1.5F, 1.0F / 32}) {
    CAPTURE(scale);
    const FloatNetwork network = two_readers(scale), binary = quant::with_binary_pixels(network);
    int exponent = 0;
    CHECK(std::frexp(binary.input.pixel_scale, &exponent) == 0.5F);
    CHECK(std::abs(std::log2(binary.input.pixel_scale / scale)) <= 0.5F);  // the nearest
    CHECK(binary.nodes[0].layer.bias == network.nodes[0].layer.bias);
    model::FloatExecutor before(network), after(binary);
    for (const op::Tensor& image : test::random_images(4, 4, 4, 3)) {
      const auto expected = before.run(model::to_input(network.input, image)).back().data;
      const auto found = after.run(model::to_input(binary.input, image)).back().data;
      CHECK((found - expected).cwiseAbs().maxCoeff() <= 1e-5F * expected.cwiseAbs().maxCoeff());
    }
  }
}

TEST_CASE("quant.with_binary_pixels.unchanged") {
  const FloatNetwork binary = two_readers(1.0F / 32);
  CHECK(quant::with_binary_pixels(binary).nodes[0].layer.weights == binary.nodes[0].layer.weights);
  FloatNetwork pooled = two_readers(1.0F / 255);  // a pool of the image has no weights to take the factor
  pooled.nodes.push_back({test::float_layer("pool", Kind::max_pool, {4, 4, 3}, {2, 2, 3}, test::kHalve), {0}});
  const FloatNetwork same = quant::with_binary_pixels(pooled);
  CHECK(same.input.pixel_scale == pooled.input.pixel_scale);
  CHECK(same.nodes[0].layer.weights == pooled.nodes[0].layer.weights);
}

}  // namespace
