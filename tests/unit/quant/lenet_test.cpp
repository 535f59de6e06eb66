// SPDX-License-Identifier: Apache-2.0
// The stored LeNet: what quantize_affine makes of models/lenet-float, and good enough to be worth running.
#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "golden/format/network_file.h"
#include "golden/quant/affine.h"
#include "models/dataset/accuracy.h"
#include "models/dataset/dataset.h"

namespace {

using namespace systole;

TEST_CASE("quant.lenet.stored_network_is_reproducible") {
  const auto glyphs = dataset::open_dataset("glyphs:calibration");
  std::vector<op::Tensor> calibration;
  calibration.reserve(500);
  for (int i = 0; i < 500; ++i) calibration.push_back(glyphs->at(i).pixels);
  const model::Network made =
      quant::quantize_affine(model::load_float_network("models/lenet-float"), calibration).network;
  const model::Network stored = model::load_network("models/lenet");
  REQUIRE(made.nodes.size() == stored.nodes.size());
  for (std::size_t i = 0; i < made.nodes.size(); ++i) {
    const op::Layer& a = made.nodes[i].layer;
    const op::Layer& b = stored.nodes[i].layer;
    CAPTURE(a.name);
    CHECK(a.weights == b.weights);
    CHECK(a.out.zero_out == b.out.zero_out);
    CHECK(a.out.n == b.out.n);
    CHECK(a.out.lshift == b.out.lshift);
    REQUIRE(a.out.m0.size() == b.out.m0.size());
    // Float sums depend on the order that the machine's vector width gives them: the ranges agree to about 1e-6.
    for (std::size_t c = 0; c < a.out.m0.size(); ++c) CHECK(a.out.m0[c] == doctest::Approx(b.out.m0[c]).epsilon(1e-5));
  }
}

TEST_CASE("quant.lenet.accuracy_int8_follows_float") {
  const auto glyphs = dataset::open_dataset("glyphs:test");
  const double integer = dataset::accuracy(model::load_network("models/lenet"), *glyphs, 0, 2000);
  const double real = dataset::accuracy(model::load_float_network("models/lenet-float"), *glyphs, 0, 2000);
  CHECK(integer >= 0.97);
  CHECK(real - integer <= 0.005);
}

}  // namespace
