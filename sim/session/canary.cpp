// SPDX-License-Identifier: Apache-2.0
#include "sim/session/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/interrupted.h"
#include "golden/fixed/counter_random.h"
#include "sim/kernel/run_loop.h"

namespace systole::session {
namespace {

constexpr int kSide = 4;

void fill(op::Matrix& values, int bits, const fixed::CounterRandom& random) {
  const std::int32_t high = (1 << (bits - 1)) - 1;
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    values.data()[i] = random.between(static_cast<std::uint64_t>(i), -high - 1, high);
  }
}

struct Canary {
  check::Checker checker;
  check::PlantedFault fault;
  bool read_from_bus = false;  ///< planted in Monitor::outputs_read
};

/// The canary layer with its golden.
struct Replay {
  const Plan& plan;
  const ImageWork& work;
  std::uint64_t seed;
  Via via;
};

kernel::Outcome play_natively(const Replay& replay, Monitor& monitor, kernel::RunLoop& loop) {
  StreamDriver driver;
  driver.load(replay.plan, replay.work);
  kernel::NoTraceSink trace;
  kernel::StallPattern stalls(kernel::Stall::none, replay.seed, "canary");
  loop.reset(replay.seed);
  return loop.run(driver, monitor, trace, stalls);
}

kernel::Outcome play_over_bus(const Replay& replay, dut::Dut& dut, Monitor& monitor, kernel::RunLoop& loop) {
  const BusSettings settings{.seed = replay.seed, .on_progress = {}};
  return run_on_bus(dut, replay.plan, replay.work, monitor, loop.watchdog(), settings).outcome;
}

/// Runs the canary layer once; the monitor then holds what was seen.
kernel::Outcome run(const Replay& replay, dut::Dut& dut, Monitor& monitor, kernel::RunLoop& loop) {
  monitor.begin(replay.work);
  const kernel::Outcome outcome =
      replay.via == Via::native ? play_natively(replay, monitor, loop) : play_over_bus(replay, dut, monitor, loop);
  if (outcome == kernel::Outcome::interrupted) throw base::Interrupted();
  return outcome;
}

void expect_blamed(const Monitor& monitor, const Canary& canary) {
  const auto& found = monitor.mismatches();
  const bool exact = found.size() == 1 && monitor.mismatch_count() == 1 && found[0].checker == canary.checker &&
                     found[0].index == canary.fault.index;
  if (exact) return;
  throw std::logic_error(fmt::format("canary: one bit planted in {} {} was reported {} times, first by {}",
                                     to_string(canary.checker), canary.fault.index, monitor.mismatch_count(),
                                     found.empty() ? "nobody" : to_string(found[0].checker)));
}

}  // namespace

model::Network canary_network(const accel::Geometry& g, std::uint64_t seed) {
  op::Layer layer;
  layer.name = "canary";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = kSide;
  layer.in_c = g.rows;
  layer.out_c = g.cols;
  layer.act_bits = g.act_width;
  layer.wgt_bits = g.wgt_width;
  layer.psum_width = g.psum_width;
  layer.psum_bits = g.psum_width - 1;
  layer.saturate = g.psum_width < 32;
  layer.tile_channels = g.rows;
  layer.out.act_min = -(1 << (g.act_width - 1));
  layer.out.act_max = -layer.out.act_min - 1;
  layer.out.n = {g.act_width - 2};
  layer.weights.resize(g.cols, g.rows);
  fill(layer.weights, g.wgt_width, {seed, "canary", "weights"});
  layer.bias = op::Vector::Zero(g.cols);
  model::Network network;
  network.name = "canary";
  network.input = {
      .height = kSide, .width = kSide, .channels = g.rows, .is_signed = true, .bits = g.act_width, .pixel_offset = 0};
  network.nodes.push_back({.layer = std::move(layer), .inputs = {0}});
  return network;
}

void run_canaries(dut::Dut& dut, CheckLevel level, std::uint64_t seed, Via via) {
  if (level == CheckLevel::none) return;
  const accel::Geometry geometry = dut.geometry();
  const model::Network network = canary_network(geometry, seed);
  const Plan plan = make_plan(network, geometry);
  op::Tensor input(kSide, kSide, geometry.rows);
  fill(input.data, geometry.act_width, {seed, "canary", "input"});
  ImageWork work;
  ImageMaker(plan).make(input, work);

  const fixed::CounterRandom random(seed, "canary", "place");
  const auto cells = static_cast<std::uint32_t>(geometry.rows * geometry.cols);
  const auto cols = static_cast<std::uint32_t>(geometry.cols);
  std::vector<Canary> canaries{{check::Checker::pins, {20 + random.below(0, 20), random.below(1, 13 + cols), 0}},
                               {check::Checker::outputs, {random.below(2, kSide * kSide), random.below(3, cols), 1}},
                               {check::Checker::tensor, {0, random.below(4, kSide * kSide * cols), 2}}};
  for (std::uint32_t reg = 0; reg < 3 && level == CheckLevel::pe; ++reg) {  // weight, act, psum
    canaries.push_back(
        {check::Checker::cells, {20 + random.below(5 + reg, 20), reg * cells + random.below(8 + reg, cells), 0}});
  }
  if (via == Via::tlm) {
    canaries.push_back({check::Checker::outputs, {random.below(12, kSide * kSide), random.below(13, cols), 1}, true});
  }
  const Replay replay{plan, work, seed, via};
  kernel::RunLoop loop(dut);
  Monitor clean(dut, plan, level, loop.watchdog());
  clean.keep_going();
  const kernel::Outcome outcome = run(replay, dut, clean, loop);
  // A design that fails here fails in the run proper too, which reports it better than a canary can.
  if (outcome != kernel::Outcome::passed || clean.mismatch_count() != 0) return;
  for (const Canary& canary : canaries) {
    Monitor monitor(dut, plan, level, loop.watchdog());
    monitor.keep_going();
    if (canary.read_from_bus) {
      monitor.plant_read(canary.fault);
    } else {
      monitor.plant(canary.checker, canary.fault);
    }
    run(replay, dut, monitor, loop);
    expect_blamed(monitor, canary);
  }
}

}  // namespace systole::session
