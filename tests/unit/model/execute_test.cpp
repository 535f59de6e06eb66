// SPDX-License-Identifier: Apache-2.0
#include "golden/model/execute.h"

#include <doctest/doctest.h>

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <vector>

#include "golden/op/run_layer.h"
#include "tests/support/random_layer.h"

namespace systole::model {
namespace {

using op::Kind;
using op::Layer;
using op::Tensor;

Layer same_size_conv(const char* name, int channels, test::Draw& draw) {
  Layer l;
  l.name = name;
  l.in_h = l.out_h = 6;
  l.in_w = l.out_w = 5;
  l.in_c = l.out_c = channels;
  l.window.kernel_h = l.window.kernel_w = 3;
  l.window.pad_top = l.window.pad_left = 1;
  l.weights.resize(channels, Eigen::Index{9} * channels);
  for (Eigen::Index i = 0; i < l.weights.size(); ++i) l.weights.data()[i] = draw.between(-128, 127);
  l.out.m0 = {1 << 30};
  l.out.lshift = {0};
  l.out.n = {9};
  return l;
}

Tensor specified(const Layer& layer, std::initializer_list<const Tensor*> inputs) {
  return op::run_layer(layer, std::vector<const Tensor*>(inputs));
}

/// input -> conv1 -> conv2, conv1 + conv2 -> sum: the shape of a residual block.
Network residual_block() {
  test::Draw draw(1, "model.executor", "block");
  Network network;
  network.nodes.push_back({same_size_conv("conv1", 4, draw), {0}});
  network.nodes.push_back({same_size_conv("conv2", 4, draw), {1}});
  Layer sum;
  sum.name = "sum";
  sum.kind = Kind::add;
  sum.in_h = sum.out_h = 6;
  sum.in_w = sum.out_w = 5;
  sum.in_c = sum.out_c = 4;
  network.nodes.push_back({sum, {1, 2}});
  return network;
}

TEST_CASE("model.executor.residual_block.follows_the_graph") {
  const Network network = residual_block();
  Executor executor(network);
  test::Draw draw(2, "model.executor", "images");
  for (int image = 0; image < 3; ++image) {
    const Tensor input = test::random_input(network.nodes[0].layer, draw);
    const Tensor conv1 = specified(network.nodes[0].layer, {&input});
    const Tensor conv2 = specified(network.nodes[1].layer, {&conv1});
    const std::vector<Tensor>& outputs = executor.run(input);
    REQUIRE(outputs.size() == 3);
    CHECK(outputs[0] == conv1);
    CHECK(outputs[1] == conv2);
    CHECK(outputs[2] == specified(network.nodes[2].layer, {&conv1, &conv2}));
  }
}

TEST_CASE("model.executor.outputs_keep_their_memory") {
  const Network network = residual_block();
  Executor executor(network);
  test::Draw draw(3, "model.executor", "images");
  std::array<const std::int32_t*, 3> memory{};
  const std::vector<Tensor>& first = executor.run(test::random_input(network.nodes[0].layer, draw));
  for (std::size_t i = 0; i < memory.size(); ++i) memory.at(i) = first[i].data.data();
  const std::vector<Tensor>& second = executor.run(test::random_input(network.nodes[0].layer, draw));
  for (std::size_t i = 0; i < memory.size(); ++i) CHECK(second[i].data.data() == memory.at(i));
}

TEST_CASE("model.executor.stats_per_node") {
  const Network network = residual_block();
  Executor executor(network);
  std::vector<fast::RunStats> stats;
  Tensor input(6, 5, 4);
  executor.run(input, &stats);
  REQUIRE(stats.size() == 3);
  CHECK(stats[0].psum_min == 0);
  CHECK(stats[0].psum_max == 0);
  input.data.setConstant(100);
  executor.run(input, &stats);
  CHECK(stats[0].psum_min < stats[0].psum_max);
}

TEST_CASE("model.executor.refuses_a_tensor_that_is_not_there_yet") {
  Network network = residual_block();
  network.nodes[1].inputs = {2};
  CHECK_THROWS_WITH_AS(Executor{network}, "layer 'conv2': reads tensor 2, expected 0 .. 1", std::invalid_argument);
}

TEST_CASE("model.executor.refuses_an_invalid_layer") {
  Network network = residual_block();
  network.nodes[0].layer.act_bits = 0;
  CHECK_THROWS_WITH_AS(Executor{network}, "layer 'conv1': act_bits is 0, expected 2 .. 16", std::invalid_argument);
}

}  // namespace
}  // namespace systole::model
