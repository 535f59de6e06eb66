// SPDX-License-Identifier: Apache-2.0
// Every operator against the plain loops of tests/support/oracle.cpp, on hundreds of random layers per kind.
#include "tests/support/oracle.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "golden/op/op.h"
#include "tests/support/random_layer.h"

namespace systole::test {
namespace {

using op::Kind;
using op::Layer;
using op::Tensor;

constexpr int kLayers = 400;

/// What a comparison has covered; a test demands that the interesting cases came up.
struct Seen {
  int layers = 0, overflowed = 0, clean = 0;
};

bool flags_equal(const std::vector<std::uint8_t>& actual, const std::vector<bool>& expected) {
  return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end(),
                    [](std::uint8_t a, bool b) { return (a != 0) == b; });
}

void compare(const Layer& layer, Draw& draw, bool channelwise, Seen& seen) {
  const std::vector<Tensor> inputs = random_inputs(layer, draw);
  std::vector<const Tensor*> used;
  for (const Tensor& input : inputs) used.push_back(&input);
  const OracleResult expected =
      layer.kind == Kind::concat
          ? oracle_concat(layer, inputs)
          : oracle(layer, inputs[0], layer.kind == Kind::add ? &inputs[1] : nullptr, channelwise);
  const bool overflow = std::find(expected.overflow.begin(), expected.overflow.end(), true) != expected.overflow.end();
  const auto order = channelwise ? op::PsumOrder::channelwise : op::PsumOrder::array;
  ++seen.layers;
  ++(overflow ? seen.overflowed : seen.clean);
  op::RunStats stats;
  if (overflow && !layer.saturate) {
    CHECK_THROWS_AS((void)op::run_layer(layer, used, nullptr, order), fixed::OverflowError);
    return;
  }
  CHECK(op::run_layer(layer, used, nullptr, order) == expected.out);
  CHECK(op::run_layer(layer, used, &stats, order) == expected.out);
  CHECK(flags_equal(stats.overflow, expected.overflow));
  if (layer.saturate) {
    CHECK(stats.psum_min == expected.psum_min);
    CHECK(stats.psum_max == expected.psum_max);
  } else {
    CHECK(stats.psum_min >= expected.psum_min);
    CHECK(stats.psum_max <= expected.psum_max);
  }
}

Seen compare_many(Kind kind, bool saturating, bool channelwise, const char* stream) {
  Seen seen;
  for (int i = 0; i < kLayers; ++i) {
    CAPTURE(i);
    Draw draw(static_cast<std::uint64_t>(i), "op.oracle", stream);
    Layer layer = random_layer(kind, draw, saturating);
    if (channelwise) layer.align.clear();
    compare(layer, draw, channelwise, seen);
  }
  return seen;
}

TEST_CASE("op.conv2d.random") { CHECK(compare_many(Kind::conv2d, false, false, "conv2d").layers == kLayers); }
TEST_CASE("op.depthwise.random") { CHECK(compare_many(Kind::depthwise, false, false, "depthwise").layers == kLayers); }
TEST_CASE("op.fully_connected.random") {
  CHECK(compare_many(Kind::fully_connected, false, false, "fully_connected").layers == kLayers);
}
TEST_CASE("op.max_pool.random") { CHECK(compare_many(Kind::max_pool, false, false, "max_pool").layers == kLayers); }
TEST_CASE("op.avg_pool.random") { CHECK(compare_many(Kind::avg_pool, false, false, "avg_pool").layers == kLayers); }
TEST_CASE("op.concat.random") { CHECK(compare_many(Kind::concat, false, false, "concat").layers == kLayers); }
TEST_CASE("op.add.random") { CHECK(compare_many(Kind::add, false, false, "add").layers == kLayers); }

void check_saturating(Kind kind, bool channelwise, const char* stream) {
  const Seen seen = compare_many(kind, true, channelwise, stream);
  CHECK(seen.overflowed > kLayers / 20);  // both kinds of layer came up, or the test says little
  CHECK(seen.clean > kLayers / 20);
}

TEST_CASE("op.conv2d.saturates.array_order") { check_saturating(Kind::conv2d, false, "conv2d sat"); }
TEST_CASE("op.conv2d.saturates.channelwise_order") { check_saturating(Kind::conv2d, true, "conv2d channelwise"); }
TEST_CASE("op.depthwise.saturates") { check_saturating(Kind::depthwise, false, "depthwise sat"); }
TEST_CASE("op.fully_connected.saturates.array_order") { check_saturating(Kind::fully_connected, false, "fc sat"); }
TEST_CASE("op.fully_connected.saturates.channelwise_order") {
  check_saturating(Kind::fully_connected, true, "fc channelwise");
}
TEST_CASE("op.max_pool.saturates") { check_saturating(Kind::max_pool, false, "max_pool sat"); }
TEST_CASE("op.avg_pool.saturates") { check_saturating(Kind::avg_pool, false, "avg_pool sat"); }
TEST_CASE("op.concat.saturates") { check_saturating(Kind::concat, false, "concat sat"); }
TEST_CASE("op.add.saturates") { check_saturating(Kind::add, false, "add sat"); }

}  // namespace
}  // namespace systole::test
