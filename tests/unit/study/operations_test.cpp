// SPDX-License-Identifier: Apache-2.0
// Operations and energy against the published figures of the partial-sum study (LeNet on 32 x 32 x 3).
#include "golden/study/operations.h"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace {

using namespace systole;
using op::Kind;
using op::PsumOrder;

op::Layer layer(Kind kind, std::array<int, 3> in, std::array<int, 3> out, int kernel = 1, int stride = 1) {
  op::Layer l;
  l.kind = kind;
  l.in_h = in[0];
  l.in_w = in[1];
  l.in_c = in[2];
  l.out_h = out[0];
  l.out_w = out[1];
  l.out_c = out[2];
  l.window.kernel_h = l.window.kernel_w = kernel;
  l.window.stride_h = l.window.stride_w = stride;
  return l;
}

/// The published network: biases in the last layer only.
model::Network published_lenet() {
  model::Network network;
  network.nodes = {{layer(Kind::conv2d, {32, 32, 3}, {28, 28, 6}, 5), {0}},
                   {layer(Kind::max_pool, {28, 28, 6}, {14, 14, 6}, 2, 2), {1}},
                   {layer(Kind::conv2d, {14, 14, 6}, {10, 10, 16}, 5), {2}},
                   {layer(Kind::max_pool, {10, 10, 16}, {5, 5, 16}, 2, 2), {3}},
                   {layer(Kind::fully_connected, {5, 5, 16}, {1, 1, 120}), {4}},
                   {layer(Kind::fully_connected, {1, 1, 120}, {1, 1, 84}), {5}},
                   {layer(Kind::fully_connected, {1, 1, 84}, {1, 1, 10}), {6}}};
  network.nodes.back().layer.bias = op::Vector::Zero(10);
  return network;
}

void check(const op::Layer& l, PsumOrder order, std::int64_t adds, std::int64_t multiplies) {
  const study::Operations counted = study::operations(l, order);
  CHECK(counted.adds == adds);
  CHECK(counted.multiplies == multiplies);
}

}  // namespace

TEST_CASE("study.operations.published_lenet") {
  const model::Network lenet = published_lenet();
  check(lenet.nodes[0].layer, PsumOrder::channelwise, 366912, 352800);
  check(lenet.nodes[1].layer, PsumOrder::channelwise, 0, 0);
  check(lenet.nodes[2].layer, PsumOrder::channelwise, 249600, 240000);
  check(lenet.nodes[4].layer, PsumOrder::channelwise, 48000, 48000);
  check(lenet.nodes[5].layer, PsumOrder::channelwise, 10080, 10080);
  check(lenet.nodes[6].layer, PsumOrder::channelwise, 850, 840);
}

TEST_CASE("study.operations.published_energies") {
  const model::Network lenet = published_lenet();
  CHECK(study::energy(lenet, PsumOrder::channelwise, std::vector<int>(5, 18)) == 223315236);
  CHECK(study::energy(lenet, PsumOrder::channelwise, std::vector<int>(5, 17)) == 199829594);
  CHECK(study::energy(lenet, PsumOrder::channelwise, std::vector{18, 16, 17, 16, 17}) == 204032186);
  CHECK_THROWS_AS((void)study::energy(lenet, PsumOrder::channelwise, std::vector{18, 16, 17, 16}),
                  std::invalid_argument);
}

TEST_CASE("study.operations.array_adds_passes") {
  const model::Network lenet = published_lenet();
  // 3 channels are one ic tile, 400 inputs are 50: one more add per pass of 8 rows.
  check(lenet.nodes[0].layer, PsumOrder::array, std::int64_t{4704} * (75 + 25), 352800);
  check(lenet.nodes[4].layer, PsumOrder::array, std::int64_t{120} * (400 + 50), 48000);
}

TEST_CASE("study.operations.layers_of_one_channel") {
  check(layer(Kind::depthwise, {8, 8, 4}, {6, 6, 8}, 3), PsumOrder::array, 2592, 2592);
  check(layer(Kind::avg_pool, {8, 8, 4}, {4, 4, 4}, 2, 2), PsumOrder::array, 256, 0);
  check(layer(Kind::add, {2, 2, 3}, {2, 2, 3}), PsumOrder::array, 0, 0);
  check(layer(Kind::concat, {2, 2, 3}, {2, 2, 6}), PsumOrder::array, 0, 0);
}
