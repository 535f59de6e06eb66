// SPDX-License-Identifier: Apache-2.0
#include "golden/model/float_network.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "golden/model/float_execute.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/model/networks.h"

namespace {

using namespace systole;
using op::Kind;

model::FloatTensor ramp(int height, int width, int channels) {
  model::FloatTensor tensor(height, width, channels);
  for (Eigen::Index i = 0; i < tensor.data.size(); ++i) tensor.data.data()[i] = static_cast<float>(i);
  return tensor;
}

/// A network of one layer.
model::FloatNetwork single(Kind kind, int height, int width, int in_c, const std::vector<int>& out,
                           op::Window window = {}) {
  model::FloatNetwork network{"single", {height, width, in_c, 0, 1.0F}, {}, {}};
  model::FloatLayer layer;
  layer.name = "layer";
  layer.kind = kind;
  layer.in_h = height;
  layer.in_w = width;
  layer.in_c = in_c;
  layer.out_h = out[0];
  layer.out_w = out[1];
  layer.out_c = out[2];
  layer.window = window;
  network.nodes.push_back({layer, {0}});
  return network;
}

std::vector<float> run(const model::FloatNetwork& network, const model::FloatTensor& input) {
  model::check_float_network(network, "test");
  model::FloatExecutor executor(network);
  const model::FloatMatrix& out = executor.run(input).back().data;
  return {out.data(), out.data() + out.size()};
}

TEST_CASE("model.float_network.round_trip") {
  const test::TemporaryFolder folder;
  const model::FloatNetwork saved = test::every_float_kind();
  model::save_float_network(saved, folder / "net");
  const model::FloatNetwork read = model::load_float_network(folder / "net");
  CHECK(read.name == saved.name);
  CHECK(read.input.pixel_zero == 128);
  CHECK(read.input.pixel_scale == 1.0F / 64);
  REQUIRE(read.nodes.size() == saved.nodes.size());
  for (std::size_t i = 0; i < saved.nodes.size(); ++i) {
    CHECK(read.nodes[i].inputs == saved.nodes[i].inputs);
    CHECK(read.nodes[i].layer.kind == saved.nodes[i].layer.kind);
    CHECK(read.nodes[i].layer.relu == saved.nodes[i].layer.relu);
    CHECK(read.nodes[i].layer.weights == saved.nodes[i].layer.weights);
    CHECK(read.nodes[i].layer.bias == saved.nodes[i].layer.bias);
  }
  const model::FloatTensor image = ramp(4, 4, 2);
  model::FloatExecutor before(saved), after(read);
  CHECK(before.run(image).back().data == after.run(image).back().data);
}

TEST_CASE("model.float_network.refuses_wrong_value") {
  const test::TemporaryFolder folder;
  model::save_float_network(test::every_float_kind(), folder / "net");
  const auto good = nlohmann::json::parse(test::read_text(folder / "net/network.json"));
  const std::vector<std::pair<std::string, std::pair<nlohmann::json, std::string>>> cases{
      {"/number", {"integer", "number: expected 'float32', found 'integer'"}},
      {"/input/pixel_scale", {0, "input.pixel_scale: expected a number above 0"}},
      {"/input/pixel_scale", {nullptr, "input.pixel_scale: expected a number"}},
      {"/input/pixel_zero", {256, "input.pixel_zero: expected an integer in 0 .. 255"}},
      {"/nodes/0/relu", {1, "nodes[0] 'conv'.relu: expected true or false"}},
      {"/nodes/0/weights/dtype", {"float64", "weights.dtype: expected 'float32'"}},
      {"/nodes/1/inputs", {{"input"}, "nodes[1] 'depthwise'.out_shape: expected channels in multiples of 2"}},
      {"/nodes/1/out_shape", {{4, 4, 4}, "nodes[1] 'depthwise'.weights.count"}},
      {"/nodes/2/inputs", {{"conv", "input"}, "nodes[2] 'add'.inputs: expected two inputs of one shape"}},
      {"/nodes/3/out_shape", {{2, 2, 4}, "nodes[3] 'max'.out_shape: expected [2, 2, 3]"}},
      {"/nodes/3/out_shape", {{3, 2, 3}, "nodes[3] 'max'.out_shape: expected a height whose last window"}},
      {"/nodes/5/inputs", {{"max"}, "nodes[5] 'concat'.inputs: expected at least 2 inputs"}},
      {"/nodes/5/inputs", {{"max", "conv"}, "nodes[5] 'concat'.inputs: expected inputs of one height and width"}},
      {"/nodes/6/out_shape", {{2, 1, 4}, "nodes[6] 'fc'.out_shape: expected [1, 1, 4]"}},
  };
  for (const auto& one : cases) {
    const auto& path = one.first;
    const auto& wrong = one.second;
    CAPTURE(path);
    auto json = good;
    json.at(nlohmann::json::json_pointer(path)) = wrong.first;
    test::write_text(folder / "net/network.json", json.dump());
    const std::string message = test::refusal([&] { (void)model::load_float_network(folder / "net"); });
    CAPTURE(message);
    CHECK(test::mentions(message, wrong.second));
  }
}

TEST_CASE("model.float_network.refuses_what_is_not_finite") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    model::FloatNetwork network = test::every_float_kind();
    network.nodes[0].layer.weights(1, 2) = bad;
    CHECK(test::mentions(test::refusal([&] { model::check_float_network(network, "f"); }),
                         "'conv'.weights: expected finite numbers"));
    network = test::every_float_kind();
    network.nodes[0].layer.bias(0) = bad;
    CHECK(test::mentions(test::refusal([&] { model::check_float_network(network, "f"); }),
                         "'conv'.bias: expected finite numbers"));
  }
}

// Expected values below are worked by hand from the definition of each layer on 0, 1, 2, ...

TEST_CASE("model.float_execute.conv2d") {
  // Pixels [0 1] [2 3] / [4 5] [6 7]; kernel 2 x 2 with one row of padding above and one column to the left. Weights of
  // the taps: (0, 0) 1 10, (0, 1) 100 1000, (1, 0) -1 -2, (1, 1) 3 5.
  auto network = single(Kind::conv2d, 2, 2, 2, {2, 2, 1}, {2, 2, 1, 1, 1, 1, 1, 1});
  network.nodes[0].layer.weights.resize(1, 8);
  network.nodes[0].layer.weights << 1, 10, 100, 1000, -1, -2, 3, 5;
  CHECK(run(network, ramp(2, 2, 2)) == std::vector<float>{5, -2 + 21, 1000 + 37, 10 + 3200 - 14 + 53});
}

TEST_CASE("model.float_execute.depthwise_multiplier_2") {
  auto network = single(Kind::depthwise, 1, 2, 2, {1, 1, 4}, {1, 2, 1, 1, 1, 1, 0, 0});
  network.nodes[0].layer.weights.resize(4, 2);
  network.nodes[0].layer.weights << 1, 2, 3, 4, 5, 6, 7,
      8;  // channels 0 1 read input channel 0 (values 0, 2); 2 3 read 1, 3
  CHECK(run(network, ramp(1, 2, 2)) == std::vector<float>{4, 8, 23, 31});
}

TEST_CASE("model.float_execute.fully_connected_is_hwc") {
  auto network = single(Kind::fully_connected, 2, 1, 2, {1, 1, 2});
  network.nodes[0].layer.weights.resize(2, 4);
  network.nodes[0].layer.weights << 1, 10, 100, 1000, -1, 0, 0, -1;
  network.nodes[0].layer.bias = model::FloatVector::Constant(2, 0.5F);
  network.nodes[0].layer.relu = true;
  CHECK(run(network, ramp(2, 1, 2)) == std::vector<float>{3210.5F, 0});
}

TEST_CASE("model.float_execute.max_pool_ignores_padding") {
  auto network = single(Kind::max_pool, 2, 2, 1, {2, 2, 1}, {2, 2, 1, 1, 1, 1, 1, 1});
  model::FloatTensor input = ramp(2, 2, 1);
  input.data.array() -= 10;  // padding, were it a zero, would win
  CHECK(run(network, input) == std::vector<float>{-10, -9, -8, -7});
}

TEST_CASE("model.float_execute.avg_pool_counts_taps_inside") {
  const auto network = single(Kind::avg_pool, 2, 2, 1, {2, 2, 1}, {2, 2, 2, 2, 1, 1, 1, 1});
  CHECK(run(network, ramp(2, 2, 1)) == std::vector<float>{0, 1, 2, 3});
  const auto whole = single(Kind::avg_pool, 2, 2, 1, {1, 1, 1}, {2, 2, 1, 1, 1, 1, 0, 0});
  CHECK(run(whole, ramp(2, 2, 1)) == std::vector<float>{1.5F});
}

TEST_CASE("model.float_execute.add_and_concat") {
  model::FloatNetwork network = test::every_float_kind();
  model::FloatExecutor executor(network);
  const auto& outputs = executor.run(ramp(4, 4, 2));
  CHECK(outputs[2].data == (outputs[0].data + outputs[1].data).array().max(0.0F).matrix());
  CHECK(outputs[5].data.leftCols(3) == outputs[3].data);
  CHECK(outputs[5].data.rightCols(3) == outputs[4].data);
}

TEST_CASE("model.float_execute.clip_bounds_the_relu") {
  model::FloatNetwork network = test::every_float_kind();
  network.nodes[0].layer.relu = true;
  network.nodes[0].layer.clip = 0.5F;
  const test::TemporaryFolder folder;
  model::save_float_network(network, folder / "net");
  const model::FloatNetwork read = model::load_float_network(folder / "net");
  REQUIRE(read.nodes[0].layer.clip == 0.5F);
  CHECK(read.nodes[1].layer.clip == 0.0F);
  network.nodes[0].layer.clip = 0;
  model::FloatExecutor unbounded(network);
  model::FloatExecutor bounded(read);
  const auto& expected = unbounded.run(ramp(4, 4, 2))[0].data;
  REQUIRE(expected.maxCoeff() > 0.5F);
  CHECK(bounded.run(ramp(4, 4, 2))[0].data == expected.cwiseMin(0.5F));
  network.nodes[0].layer.clip = 1.0F;
  network.nodes[0].layer.relu = false;
  CHECK(test::mentions(test::refusal([&] { model::check_float_network(network, "net"); }),
                       "clip: expected a number above 0 and at most 1000000, behind a ReLU"));
}

TEST_CASE("model.float_execute.refuses_wrong_shape") {
  const auto network = single(Kind::max_pool, 2, 2, 1, {1, 1, 1}, {2, 2, 1, 1, 1, 1, 0, 0});
  model::FloatExecutor executor(network);
  CHECK_THROWS_AS(executor.run(ramp(2, 2, 2)), std::invalid_argument);
}

}  // namespace
