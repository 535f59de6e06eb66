// SPDX-License-Identifier: Apache-2.0
// The study's sweep on a small network: what it reuses and how it stops early never changes a result.
#include "golden/study/psum_study.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <vector>

#include "golden/op/run_layer.h"
#include "golden/study/operations.h"
#include "golden/study/width_search.h"
#include "tests/support/random_layer.h"

namespace systole::test {
namespace {

using op::Kind;
using op::PsumOrder;
using study::Sample;
using study::Widths;

void draw_weights(op::Layer& layer, Eigen::Index columns, Draw& draw) {
  layer.weights.resize(layer.out_c, columns);
  for (Eigen::Index i = 0; i < layer.weights.size(); ++i) layer.weights.data()[i] = draw.between(-20, 20);
  layer.bias.resize(layer.out_c);
  for (Eigen::Index i = 0; i < layer.out_c; ++i) layer.bias(i) = draw.between(-200, 200);
}

/// 6 x 6 x 3, convolution 3 x 3 to 4 channels, maximum 2 x 2, fully connected to 5 classes.
model::Network small_network() {
  Draw draw(5, "psum_study", "network");
  op::Layer conv;
  conv.name = "conv";
  conv.in_h = conv.in_w = 6;
  conv.in_c = 3;
  conv.out_h = conv.out_w = conv.out_c = 4;
  conv.window.kernel_h = conv.window.kernel_w = 3;
  conv.tile_channels = 2;
  draw_weights(conv, 27, draw);
  conv.out.n = {7};
  conv.out.act_min = 0;
  op::Layer pool;
  pool.name = "pool";
  pool.kind = Kind::max_pool;
  pool.in_h = pool.in_w = pool.in_c = pool.out_c = 4;
  pool.out_h = pool.out_w = 2;
  pool.window.kernel_h = pool.window.kernel_w = pool.window.stride_h = pool.window.stride_w = 2;
  op::Layer fc;
  fc.name = "fc";
  fc.kind = Kind::fully_connected;
  fc.in_h = fc.in_w = 2;
  fc.in_c = 4;
  fc.out_c = 5;
  fc.out.raw = true;
  draw_weights(fc, 16, draw);
  model::Network network;
  network.name = "small";
  network.input = {.height = 6, .width = 6, .channels = 3};
  network.nodes = {{conv, {0}}, {pool, {1}}, {fc, {2}}};
  return network;
}

/// Random images, most of them labelled with what the network says without clamp.
std::vector<Sample> samples(const model::Network& network, int count) {
  model::Executor executor(network);
  std::vector<Sample> images;
  for (int i = 0; i < count; ++i) {
    Draw draw(static_cast<std::uint64_t>(i), "psum_study", "images");
    const op::Tensor input = random_input(network.nodes[0].layer, draw);
    const int answer = op::arg_max(executor.run(input).back());
    images.push_back({input, draw.one_in(6) ? (answer + 1) % 5 : answer});
  }
  return images;
}

/// The run without any reuse: every image, one thread, operators that declare their saturation.
study::LimitedRun every_image(const model::Network& network, PsumOrder order, const std::vector<Sample>& images,
                              const Widths& bits) {
  const model::Network limited = study::with_psum_bits(network, bits);
  model::Executor executor(limited, order);
  study::LimitedRun result{.correct = 0, .overflows = std::vector<study::Overflows>(2)};
  for (const Sample& image : images) {
    std::vector<fast::RunStats> stats;
    if (op::arg_max(executor.run(image.input, &stats).back()) == image.label) ++result.correct;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& flags = stats[2 * i].overflow;
      const auto raised = std::accumulate(flags.begin(), flags.end(), std::int64_t{0});
      result.overflows[i].flags += raised;
      result.overflows[i].images += raised > 0 ? 1 : 0;
    }
  }
  return result;
}

void check_sweep(PsumOrder order) {
  const model::Network network = small_network();
  const std::vector<Sample> images = samples(network, 40);
  study::PsumStudy study(network, order, images);
  const Widths widest = study.widest();
  CHECK(study.affected(widest) == 0);
  CHECK(study.run(widest).correct == study.correct());
  std::vector<std::int64_t> affected;
  for (int bits = 8; bits <= 15; ++bits) {
    CAPTURE(bits);
    const Widths widths{bits, bits - 1};
    const study::LimitedRun expected = every_image(network, order, images, widths);
    const study::LimitedRun actual = study.run(widths);
    CHECK(actual.correct == expected.correct);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(actual.overflows[i].flags == expected.overflows[i].flags);
      CHECK(actual.overflows[i].images == expected.overflows[i].images);
    }
    CHECK(study.reaches(expected.correct, widths));
    CHECK_FALSE(study.reaches(expected.correct + 1, widths));
    affected.push_back(study.affected(widths));
  }
  // The sweep covers both ends and what lies between: all images run again, some, none.
  CHECK(affected.front() == 40);
  CHECK(affected.back() == 0);
  CHECK(std::ranges::any_of(affected, [](std::int64_t n) { return n > 0 && n < 40; }));
}

}  // namespace

TEST_CASE("study.psum.reuse_changes_nothing.channelwise") { check_sweep(PsumOrder::channelwise); }
TEST_CASE("study.psum.reuse_changes_nothing.array") { check_sweep(PsumOrder::array); }

TEST_CASE("study.psum.records_every_image") {
  const model::Network network = small_network();
  const std::vector<Sample> images = samples(network, 9);
  const study::PsumStudy study(network, PsumOrder::channelwise, images);
  fast::Extent expected;
  std::uint64_t sums = 0;
  for (const Sample& image : images) {
    op::PsumLog log;
    log.keep = true;
    const op::Tensor* input = &image.input;
    (void)op::run_layer(network.nodes[0].layer, {&input, 1}, PsumOrder::channelwise, &log);
    for (const std::int64_t x : log.sums) expected.widen({.low = x, .high = x});
    sums += log.sums.size();
  }
  REQUIRE(study.layers().size() == 2);
  CHECK(study.layers()[0].sums.total() == expected);
  CHECK(study.widest()[0] == expected.psum_bits());
  for (const study::PsumStudy::LayerSums& layer : study.layers()) {
    std::uint64_t counted = 0;
    for (const fast::PartialSums::Bin& bin : layer.sums.bins()) counted += bin.count;
    const auto adds = study::operations(network.nodes[layer.node].layer, PsumOrder::channelwise).adds;
    CHECK(counted == 9 * static_cast<std::uint64_t>(adds));
    if (layer.node == 0) CHECK(counted == sums);
  }
}

TEST_CASE("study.psum.search_against_brute_force") {
  const model::Network network = small_network();
  const std::vector<Sample> images = samples(network, 40);
  study::PsumStudy study(network, PsumOrder::channelwise, images);
  std::vector<study::Operations> layers;
  for (const auto& layer : study.layers()) {
    layers.push_back(study::operations(network.nodes[layer.node].layer, PsumOrder::channelwise));
  }
  const auto enough = [&study](const Widths& widths) { return study.reaches(study.correct(), widths); };
  study::Judge good(enough);
  const Widths widest = study.widest();
  const study::PerLayer found = study::cheapest_per_layer(good, layers, widest, widest, 1000);
  std::optional<study::Cost> best;
  for (int conv = 1; conv <= widest[0]; ++conv) {
    for (int fc = 1; fc <= widest[1]; ++fc) {
      const study::Cost here = study::cost(layers, {conv, fc});
      if ((!best || here < *best) && enough({conv, fc})) best = here;
    }
  }
  CHECK(found.best == best);
  CHECK_FALSE(found.greedy < found.best);
  CHECK(found.best.widths < widest);
}

TEST_CASE("study.psum.interrupt_ends_the_run") {
  const model::Network network = small_network();
  const std::vector<Sample> images = samples(network, 9);
  const auto stop = [](std::int64_t done) {
    if (done == 3) throw std::runtime_error("stop");
  };
  CHECK_THROWS_WITH_AS(study::PsumStudy(network, PsumOrder::array, images, stop), "stop", std::runtime_error);
}

TEST_CASE("study.psum.bad_input") {
  model::Network network = small_network();
  const std::vector<Sample> images = samples(network, 2);
  const std::vector<Sample> none;
  CHECK_THROWS_AS(study::PsumStudy(network, PsumOrder::array, none), std::invalid_argument);
  CHECK_THROWS_AS((void)study::with_psum_bits(network, Widths{18}), std::invalid_argument);
  network.nodes[0].layer.align = {0, 1};
  CHECK_THROWS_AS(study::PsumStudy(network, PsumOrder::channelwise, images), std::invalid_argument);
}

}  // namespace systole::test
