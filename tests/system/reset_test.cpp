// SPDX-License-Identifier: Apache-2.0
// Reset in every state of the FSM, its edges, seeded initial state, and what the run loop says of a bench that
// misbehaves.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <set>
#include <utility>

#include "accel/contract/registers.h"
#include "accel/dut/geometry.h"
#include "sim/dut/registry.h"
#include "sim/kernel/run_loop.h"
#include "sim/session/canary.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"
#include "tests/support/random_layer.h"

namespace systole {
namespace {

constexpr std::uint64_t kSeed = 11;

/// The 8x8 design with a layer of two oc tiles, whose second makes the FSM go back to S_READ_W2.
struct Bench {
  std::unique_ptr<dut::Dut> dut = dut::make_dut("8x8", dut::TraceFormat::none);
  model::Network network = two_tiles(*dut);
  session::Plan plan = session::make_plan(network, *session::design().lowering(*dut));
  session::ImageWork work;
  kernel::RunLoop loop{*dut};
  session::Monitor monitor{*dut, plan, check::CheckLevel::pe, loop.watchdog()};
  session::StreamDriver driver{dut->pins().inputs.size()};
  kernel::StallPattern stalls{kernel::Stall::none, kSeed, "reset", kernel::stream_names(dut->pins())};

  Bench() {
    test::Draw draw(kSeed, "reset", "input");
    session::ImageMaker(plan).make(test::random_input(network.nodes[0].layer, draw), work);
  }
  /// The canary's layer with as many output channels as two arrays have columns.
  static model::Network two_tiles(const dut::Dut& dut) {
    model::Network network = session::design().canary_network(dut, kSeed);
    op::Layer& layer = network.nodes[0].layer;
    layer.weights = layer.weights.replicate(2, 1).eval();
    layer.bias = op::Vector::Zero(Eigen::Index{2} * layer.out_c);
    layer.out_c *= 2;
    return network;
  }
  void begin() {
    driver.load(plan, work);
    monitor.begin(work);
  }
  template <class Monitor>
  kernel::Outcome run(Monitor& watched, std::uint64_t max_cycles = ~std::uint64_t{0}) {
    kernel::NoTraceSink trace;
    return loop.run(driver, watched, trace, stalls, max_cycles);
  }
};

/// Passes everything on to the bench's monitor and notes the states that the design shows.
struct StateWatcher {
  Bench& bench;
  int stop_in = -1;  ///< ends the run in this state
  std::set<std::pair<int, int>> edges{};
  int last = 0;

  kernel::Outcome output_taken(std::uint64_t cycle) { return bench.monitor.output_taken(cycle); }
  [[nodiscard]] bool done() const { return bench.monitor.done(); }
  bool after_edge(std::uint64_t cycle, const port::Handshakes& in) {
    const int state = static_cast<int>(accel::state_of(bench.dut->pins()));
    if (state != last) edges.emplace(last, state);
    last = state;
    return bench.monitor.after_edge(cycle, in) && state != stop_in;
  }
};

TEST_CASE("system.fsm.exactly_the_listed_edges") {
  Bench bench;
  bench.loop.reset(kSeed);
  bench.begin();
  StateWatcher watcher{bench};
  REQUIRE(bench.run(watcher) == kernel::Outcome::passed);
  const std::set<std::pair<int, int>> listed{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 3}, {6, 7}, {7, 0}};
  CHECK(watcher.edges == listed);
}

TEST_CASE("system.reset.reset_midstream.every_state") {
  Bench bench;
  for (int state = 1; state < 8; ++state) {
    CAPTURE(state);
    bench.loop.reset(kSeed);
    bench.begin();
    StateWatcher watcher{bench, state};
    REQUIRE(bench.run(watcher) == kernel::Outcome::mismatch);  // how the watcher ends a run
    REQUIRE(static_cast<int>(accel::state_of(bench.dut->pins())) == state);
    REQUIRE(bench.monitor.findings().count() == 0);
    bench.loop.reset();  // no refill: what the interrupted layer left in the memories stays
    CHECK(static_cast<int>(accel::state_of(bench.dut->pins())) == 0);
    bench.begin();
    CHECK(bench.run(bench.monitor) == kernel::Outcome::passed);
    CHECK(bench.monitor.findings().count() == 0);
  }
}

TEST_CASE("system.initial_state.100_seeds") {
  std::set<std::uint64_t> cycles;
  Bench bench;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    bench.loop.reset(seed);
    bench.begin();
    CHECK(bench.run(bench.monitor) == kernel::Outcome::passed);
    cycles.insert(bench.loop.cycle());
  }
  CHECK(bench.monitor.findings().count() == 0);
  CHECK(cycles.size() == 1);
}

TEST_CASE("system.initial_state.differs_between_seeds_and_not_between_models") {
  const auto first = dut::make_dut("8x8", dut::TraceFormat::fst), again = dut::make_dut("8x8", dut::TraceFormat::none);
  const auto word = [](const dut::Dut& dut, std::size_t cell) {
    return *static_cast<const std::uint32_t*>(dut.pins().registers[accel::kPsum].at[cell]);
  };
  first->fill_unreset_state(1);
  again->fill_unreset_state(1);
  std::set<std::uint32_t> values;
  for (std::size_t cell = 0; cell < 64; ++cell) {
    CHECK(word(*first, cell) == word(*again, cell));
    values.insert(word(*first, cell));
  }
  CHECK(values.size() == 64);
  again->fill_unreset_state(2);
  CHECK(word(*first, 0) != word(*again, 0));
}

/// A driver that never sends the activations.
struct NoActivations {
  session::StreamDriver& driver;
  [[nodiscard]] const std::uint32_t* front(std::size_t stream) const {
    return stream == static_cast<std::size_t>(accel::In::act) ? nullptr : driver.front(stream);
  }
  void pop(std::size_t stream) { driver.pop(stream); }
};

TEST_CASE("system.watchdog.withheld_activations_time_out") {
  Bench bench;
  bench.loop.reset(kSeed);
  bench.begin();
  NoActivations driver{bench.driver};
  kernel::NoTraceSink trace;
  CHECK(bench.loop.run(driver, bench.monitor, trace, bench.stalls) == kernel::Outcome::timeout);
  const std::string who = session::design().status(*bench.dut) + "; " + kernel::who_waits(bench.dut->pins());
  CHECK(who.find("state S_READ_INPUT") != std::string::npos);
  CHECK(who.find("act: design waits for act_valid_i") != std::string::npos);
}

/// A driver with activation beats for ever.
struct ExtraActivations {
  session::StreamDriver& driver;
  std::uint32_t beat[4] = {};
  [[nodiscard]] const std::uint32_t* front(std::size_t stream) const {
    const std::uint32_t* real = driver.front(stream);
    return real == nullptr && stream == static_cast<std::size_t>(accel::In::act) ? beat : real;
  }
  void pop(std::size_t stream) {
    if (driver.front(stream) != nullptr) driver.pop(stream);
  }
};

TEST_CASE("system.run_loop.left_over_beats_are_input_left") {
  Bench bench;
  bench.loop.reset(kSeed);
  bench.begin();
  ExtraActivations driver{bench.driver};
  kernel::NoTraceSink trace;
  CHECK(bench.loop.run(driver, bench.monitor, trace, bench.stalls) == kernel::Outcome::input_left);
}

/// A monitor that believes the layer ends one output early.
struct Shortened {
  Bench& bench;
  int expected;
  int seen = 0;
  kernel::Outcome output_taken(std::uint64_t /*cycle*/) {
    return ++seen > expected ? kernel::Outcome::unexpected_output : kernel::Outcome::passed;
  }
  static bool after_edge(std::uint64_t /*cycle*/, const port::Handshakes& /*in*/) { return true; }
  [[nodiscard]] bool done() const { return seen >= expected; }
};

TEST_CASE("system.run_loop.output_after_the_last_is_unexpected") {
  Bench bench;
  bench.loop.reset(kSeed);
  bench.begin();
  const auto beats = static_cast<int>(bench.plan.layers[0].lowered->commands()[0].out_beats);
  Shortened monitor{bench, beats - 1};
  CHECK(bench.run(monitor) == kernel::Outcome::unexpected_output);
}

TEST_CASE("system.canaries.pass_on_every_build") {
  for (const dut::Build& build : dut::builds()) {
    CAPTURE(build.configuration);
    const auto dut = build.make();
    const session::Canaries pe = session::run_canaries(*dut, check::CheckLevel::pe, 3);
    CHECK(pe.missing.empty());
    CHECK(pe.shown.size() == 6);  // pins, four registers of every cell, tensor
    CHECK(session::run_canaries(*dut, check::CheckLevel::pins, 4).shown == std::vector<std::string>{"pins", "tensor"});
    CHECK(session::run_canaries(*dut, check::CheckLevel::outputs, 4).shown ==
          std::vector<std::string>{"outputs", "tensor"});
    CHECK(session::run_canaries(*dut, check::CheckLevel::none, 4).shown.empty());
  }
}

}  // namespace
}  // namespace systole
