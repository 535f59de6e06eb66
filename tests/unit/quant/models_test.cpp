// SPDX-License-Identifier: Apache-2.0
// The stored networks of the schemes: what the quantizers make of the stored float networks, and good enough to run.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "golden/quant/bfp.h"
#include "golden/quant/clipq.h"
#include "golden/quant/pact4.h"
#include "models/dataset/accuracy.h"
#include "models/dataset/dataset.h"

namespace {

using namespace systole;

std::vector<op::Tensor> calibration() {
  const auto glyphs = dataset::open_dataset("glyphs:calibration");
  std::vector<op::Tensor> images;
  images.reserve(200);
  for (int i = 0; i < 200; ++i) images.push_back(glyphs->at(i).pixels);
  return images;
}

/// Everything that does not hang on the last bits of float sums over the calibration images.
void check_same(const model::Network& made, const model::Network& stored) {
  REQUIRE(made.nodes.size() == stored.nodes.size());
  for (std::size_t i = 0; i < made.nodes.size(); ++i) {
    const op::Layer& a = made.nodes[i].layer;
    const op::Layer& b = stored.nodes[i].layer;
    CAPTURE(a.name);
    CHECK(made.nodes[i].inputs == stored.nodes[i].inputs);
    CHECK(a.weights == b.weights);
    CHECK(a.codebook == b.codebook);
    CHECK(a.concat == b.concat);
    CHECK(a.align == b.align);
    CHECK(a.out.n == b.out.n);
    CHECK(a.out.lshift == b.out.lshift);
    CHECK(a.out.rule == b.out.rule);
    CHECK(a.psum_width == b.psum_width);
  }
}

/// `most`: points of accuracy that the integer network may lose on these images.
void check_accuracy(const std::string& name, const std::string& baseline, double most) {
  const auto glyphs = dataset::open_dataset("glyphs:test");
  const double integer = dataset::accuracy(model::load_network("models/" + name), *glyphs, 0, 1000);
  const double real = dataset::accuracy(model::load_float_network("models/" + baseline), *glyphs, 0, 1000);
  CHECK(real >= 0.96);
  CHECK(real - integer <= most);
}

TEST_CASE("quant.models.nin_clipq") {
  check_same(quant::quantize_clipq(model::load_float_network("models/nin-clipq-float")).network,
             model::load_network("models/nin-clipq"));
  check_accuracy("nin-clipq", "nin-float", 0.02);
}

TEST_CASE("quant.models.vgg16_pact4") {
  check_same(quant::quantize_pact4(model::load_float_network("models/vgg16-pact4-float"), calibration()).network,
             model::load_network("models/vgg16-w4a4"));
  check_accuracy("vgg16-w4a4", "vgg16-float", 0.01);
}

TEST_CASE("quant.models.lenet_pact4") {
  check_same(
      quant::quantize_pact4(model::load_float_network("models/lenet-pact4-float"), calibration(), {.input_bits = 4})
          .network,
      model::load_network("models/lenet-w4a4"));
  check_accuracy("lenet-w4a4", "lenet-float", 0.01);
}

TEST_CASE("quant.models.resnet_bfp") {
  check_same(quant::quantize_bfp(model::load_float_network("models/resnet-float"), calibration()).network,
             model::load_network("models/resnet-bfp"));
  check_accuracy("resnet-bfp", "resnet-float", 0.006);
}

TEST_CASE("quant.models.inception_bfp") {
  check_same(quant::quantize_bfp(model::load_float_network("models/inception-float"), calibration()).network,
             model::load_network("models/inception-bfp"));
  check_accuracy("inception-bfp", "inception-float", 0.006);
}

}  // namespace
