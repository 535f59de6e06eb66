// SPDX-License-Identifier: Apache-2.0
// Every operator against the specification, golden/op, on hundreds of random layers per kind.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "golden/fast/op.h"
#include "golden/op/run_layer.h"
#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"

namespace systole::test {
namespace {

const int kLayers = rounds(400);

/// What a comparison has covered; a test demands that the interesting cases came up.
struct Seen {
  int layers = 0, overflowed = 0, clean = 0;
  int relu = 0;  ///< a value below an act_min >= 0
};

/// The message of an overflow that the specification reports, or "".
template <class Run>
std::string overflow_of(const Run& run) {
  try {
    (void)run();
  } catch (const fixed::OverflowError& error) {
    return error.what();
  }
  return "";
}

void compare_results(const op::Layer& layer, std::span<const op::Tensor* const> inputs, op::PsumOrder order,
                     const op::Tensor& expected, const op::PsumLog& log, Seen& seen) {
  fast::RunStats stats;
  stats.count_output = true;
  CHECK(fast::run_layer(layer, inputs, nullptr, order) == expected);
  CHECK(fast::run_layer(layer, inputs, &stats, order) == expected);
  CHECK(stats.overflow == log.overflow);
  if (layer.saturate) {
    CHECK(stats.psum_min == log.low);
    CHECK(stats.psum_max == log.high);
  } else {
    CHECK(stats.psum_min >= log.low);
    CHECK(stats.psum_max <= log.high);
  }
  seen.relu += layer.out.act_min >= 0 && stats.output.below_act_min > 0 ? 1 : 0;
}

void compare(const op::Layer& layer, Draw& draw, op::PsumOrder order, Seen& seen) {
  const std::vector<op::Tensor> tensors = random_inputs(layer, draw);
  std::vector<const op::Tensor*> inputs;
  inputs.reserve(tensors.size());
  for (const op::Tensor& tensor : tensors) inputs.push_back(&tensor);
  op::PsumLog log;
  op::Tensor expected;
  const std::string error = overflow_of([&] { expected = op::run_layer(layer, inputs, order, &log); });
  CHECK(overflow_of([&] { return fast::run_layer(layer, inputs, nullptr, order); }) == error);
  if (error.empty()) compare_results(layer, inputs, order, expected, log, seen);
  ++seen.layers;
  ++(std::ranges::count(log.overflow, 1) > 0 ? seen.overflowed : seen.clean);
}

constexpr auto kArray = op::PsumOrder::array;
constexpr auto kChannelwise = op::PsumOrder::channelwise;

Seen compare_many(op::Kind kind, bool saturating, op::PsumOrder order, const char* stream) {
  Seen seen;
  for (int i = 0; i < kLayers; ++i) {
    CAPTURE(i);
    Draw draw(static_cast<std::uint64_t>(i), "fast.layers", stream);
    op::Layer layer = random_layer(kind, draw, saturating);
    if (order != kArray) layer.align.clear();
    compare(layer, draw, order, seen);
  }
  CHECK(seen.relu > kLayers / 8);
  return seen;
}

TEST_CASE("fast.conv2d.random") { CHECK(compare_many(op::Kind::conv2d, false, kArray, "conv2d").layers == kLayers); }
TEST_CASE("fast.depthwise.random") {
  CHECK(compare_many(op::Kind::depthwise, false, kArray, "depthwise").layers == kLayers);
}
TEST_CASE("fast.fully_connected.random") {
  CHECK(compare_many(op::Kind::fully_connected, false, kArray, "fully_connected").layers == kLayers);
}
TEST_CASE("fast.max_pool.random") {
  CHECK(compare_many(op::Kind::max_pool, false, kArray, "max_pool").layers == kLayers);
}
TEST_CASE("fast.avg_pool.random") {
  CHECK(compare_many(op::Kind::avg_pool, false, kArray, "avg_pool").layers == kLayers);
}
TEST_CASE("fast.concat.random") { CHECK(compare_many(op::Kind::concat, false, kArray, "concat").layers == kLayers); }
TEST_CASE("fast.add.random") { CHECK(compare_many(op::Kind::add, false, kArray, "add").layers == kLayers); }

void check_saturating(op::Kind kind, op::PsumOrder order, const char* stream) {
  const Seen seen = compare_many(kind, true, order, stream);
  CHECK(seen.overflowed > kLayers / 20);  // both kinds of layer came up, or the test says little
  CHECK(seen.clean > kLayers / 20);
}

TEST_CASE("fast.conv2d.saturates.array_order") { check_saturating(op::Kind::conv2d, kArray, "conv2d sat"); }
TEST_CASE("fast.conv2d.saturates.channelwise_order") {
  check_saturating(op::Kind::conv2d, kChannelwise, "conv2d channelwise");
}
TEST_CASE("fast.depthwise.saturates") { check_saturating(op::Kind::depthwise, kArray, "depthwise sat"); }
TEST_CASE("fast.fully_connected.saturates.array_order") {
  check_saturating(op::Kind::fully_connected, kArray, "fc sat");
}
TEST_CASE("fast.fully_connected.saturates.channelwise_order") {
  check_saturating(op::Kind::fully_connected, kChannelwise, "fc channelwise");
}
TEST_CASE("fast.fully_connected.saturates.channelwise_hwc_order") {
  check_saturating(op::Kind::fully_connected, op::PsumOrder::channelwise_hwc, "fc channelwise hwc");
}
TEST_CASE("fast.max_pool.saturates") { check_saturating(op::Kind::max_pool, kArray, "max_pool sat"); }
TEST_CASE("fast.avg_pool.saturates") { check_saturating(op::Kind::avg_pool, kArray, "avg_pool sat"); }
TEST_CASE("fast.concat.saturates") { check_saturating(op::Kind::concat, kArray, "concat sat"); }
TEST_CASE("fast.add.saturates") { check_saturating(op::Kind::add, kArray, "add sat"); }

}  // namespace
}  // namespace systole::test
