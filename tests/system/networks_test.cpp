// SPDX-License-Identifier: Apache-2.0
// Every embedded network on the RTL under every stall policy, and the published matrix product: each value the RTL
// gives is compared with the golden's, whose own accuracy and table are tested elsewhere or here.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_network.h"
#include "golden/quant/pact4.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"
#include "tests/support/matmul_table.h"
#include "tests/support/run_report.h"

namespace systole {
namespace {

session::RunReport run_glyph(const model::Network& network, const session::RunOptions& options) {
  const auto images = dataset::open_dataset("glyphs");
  const session::ImageSource source = [&](std::int64_t i) {
    const dataset::Image image = images->at(i);
    return session::InputImage{.index = i, .label = image.label, .input = model::to_input(network.input, image.pixels)};
  };
  return session::run_network(network, options, source, 1);
}

session::RunReport run_glyph(const std::string& name, const session::RunOptions& options) {
  return run_glyph(model::load_network("models/" + name), options);
}

void run_under_every_stall(const std::string& name, const std::string& configuration = "8x8") {
  for (const auto stall :
       {kernel::Stall::none, kernel::Stall::in, kernel::Stall::out, kernel::Stall::both, kernel::Stall::bursts}) {
    CAPTURE(to_string(stall));
    session::RunOptions options;
    options.test = "system";
    options.configuration = configuration;
    options.stall = stall;
    test::check_passed(run_glyph(name, options));
  }
}

TEST_CASE("system.networks.nin.clipq") { run_under_every_stall("nin-clipq"); }
TEST_CASE("system.networks.vgg16.pact4") { run_under_every_stall("vgg16-w4a4"); }
TEST_CASE("system.networks.resnet.bfp") { run_under_every_stall("resnet-bfp"); }
TEST_CASE("system.networks.inception.bfp") { run_under_every_stall("inception-bfp"); }

// The squeezed 8 -> 8 layer on the array it was published for: 4-bit operands, 16-bit psums.
TEST_CASE("system.networks.vgg16.squeezed_layer.8x8_w4a4") {
  session::RunOptions options;
  options.test = "system";
  options.configuration = "8x8-w4a4";
  options.layer = "conv4_2";
  options.stall = kernel::Stall::both;
  test::check_passed(run_glyph("vgg16-w4a4", options));
}

// A whole network of 4 bits, its image too, on the same array.
TEST_CASE("system.networks.lenet.8x8_w4a4") { run_under_every_stall("lenet-w4a4", "8x8-w4a4"); }

/// Quantizes a float network to 4 bits whole and runs it on both arrays.
void run_in_4_bits(const std::string& name) {
  const model::FloatNetwork network = model::load_float_network("models/" + name);
  const auto glyphs = dataset::open_dataset("glyphs:calibration");
  std::vector<op::Tensor> calibration;
  for (int i = 0; i < 20; ++i) calibration.push_back(glyphs->at(i).pixels);
  const model::Network made = quant::quantize_pact4(network, calibration, {.input_bits = 4}).network;
  for (const char* configuration : {"8x8", "8x8-w4a4"}) {
    CAPTURE(configuration);
    session::RunOptions options;
    options.test = "system";
    options.configuration = configuration;
    options.stall = kernel::Stall::both;
    test::check_passed(run_glyph(made, options));
  }
}

// Convolutions without ReLU before an add, and concatenations.
TEST_CASE("system.networks.resnet.pact4") { run_in_4_bits("resnet-float"); }
TEST_CASE("system.networks.inception.pact4") { run_in_4_bits("inception-float"); }

/// Runs the product on the RTL, which must agree with the golden; returns the entries that are not the published ones.
int product_on_the_rtl(fixed::Rounding rule) {
  model::Network network;
  network.name = "matmul";
  network.input = {
      .height = test::kSize, .width = 1, .channels = test::kSize, .is_signed = false, .bits = 8, .pixel_offset = 0};
  network.nodes.push_back({.layer = test::matmul_layer(rule), .inputs = {0}});
  const session::ImageSource source = [](std::int64_t i) {
    return session::InputImage{.index = i, .label = -1, .input = test::matmul_input()};
  };
  session::RunOptions options;
  options.test = "system";
  test::check_passed(session::run_network(network, options, source, 1));
  return test::entries_that_differ(model::Executor(network).run(test::matmul_input()).back());
}

TEST_CASE("system.networks.matmul.published_table") {
  CHECK(product_on_the_rtl(fixed::Rounding::floor) == 0);
  CHECK(product_on_the_rtl(fixed::Rounding::half_up) == 9);
  CHECK(product_on_the_rtl(fixed::Rounding::double_rounding) == 9);
}

}  // namespace
}  // namespace systole
