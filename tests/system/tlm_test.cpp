// SPDX-License-Identifier: Apache-2.0
// LeNet over the TLM-2.0 sockets: what `systole run --via tlm` does, and that nothing wrong passes there.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "accel/contract/pins.h"
#include "accel/lower/encoding.h"
#include "accel/lower/layer_commands.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "models/dataset/dataset.h"
#include "sim/dut/registry.h"
#include "sim/session/canary.h"
#include "sim/session/session.h"
#include "tests/support/run_report.h"
#include "tests/support/temporary_folder.h"

namespace systole {
namespace {

const model::Network& lenet() {
  static const model::Network network = model::load_network("models/lenet");
  return network;
}

session::InputImage image(std::int64_t i) {
  const auto images = dataset::open_dataset("glyphs");
  return {.index = i, .label = images->at(i).label, .input = model::to_input(lenet().input, images->at(i).pixels)};
}

session::RunReport run(session::RunOptions options, session::Via via, std::int64_t count = 1) {
  options.test = "system";
  options.via = via;
  return session::run_network(lenet(), options, image, count);
}

/// Values compared besides those of every cycle: 13 scalar pins, 8 lanes, four registers of 64 cells.
std::uint64_t without_cycles(const session::RunReport& report) {
  return report.compared - report.cycles * (13 + 8 + 4 * 64);
}

struct Counts {
  std::uint64_t out_lanes = 0, tensor_elements = 0;
};

Counts counts(const session::Plan& plan) {
  Counts result;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const op::Layer& layer = plan.layer(i);
    result.tensor_elements += static_cast<std::uint64_t>(layer.out_h * layer.out_w * layer.out_c);
    for (const session::CommandFacts& command : plan.layers[i].lowered->commands()) {
      result.out_lanes += command.out_beats * 8;
    }
  }
  return result;
}

/// conv1 of LeNet with one image, ready to be played over the bus and to be spoilt before.
struct Bench {
  std::unique_ptr<dut::Dut> dut = dut::make_dut("8x8", dut::TraceFormat::vcd);
  session::Plan plan = session::make_plan(lenet(), *session::design().lowering(*dut), "conv1");
  session::ImageWork work;
  kernel::Watchdog watchdog;
  session::Monitor monitor;

  explicit Bench(check::CheckLevel level = check::CheckLevel::pe) : monitor(*dut, plan, level, watchdog) {
    session::ImageMaker(plan).make(image(0).input, work);
  }
  session::TransportResult run() {
    monitor.begin(work);
    return session::bus_transport()->run(*dut, plan, work, monitor, watchdog, {});
  }
  [[nodiscard]] std::string coordinate(std::size_t beat, int lane) const {
    const auto place = plan.layers[0].lowered->place(0, beat, lane);
    REQUIRE(place);
    return fmt::format("oc {} oh {} ow {}", place->oc, place->oh, place->ow);
  }
};

TEST_CASE("system.tlm.lenet.equals_native") {
  const session::RunReport native = run({}, session::Via::native), tlm = run({}, session::Via::tlm);
  test::check_passed(native);
  test::check_passed(tlm);
  const Counts expected =
      counts(session::make_plan(lenet(), *session::design().lowering(*dut::make_dut("8x8", dut::TraceFormat::vcd))));
  CHECK(without_cycles(native) == expected.tensor_elements);
  // Each lane, as the initiator has read it.
  CHECK(without_cycles(tlm) == expected.out_lanes + expected.tensor_elements);
  REQUIRE(tlm.predictions.size() == 1);
  CHECK(tlm.predictions[0].rtl == native.predictions[0].rtl);
  REQUIRE(tlm.layers.size() == native.layers.size());
  for (std::size_t i = 0; i < tlm.layers.size(); ++i) {
    CAPTURE(tlm.layers[i].name);
    const auto &bus = tlm.layers[i].totals.counters, &pins = native.layers[i].totals.counters;
    CHECK(bus[accel::kCompute] == pins[accel::kCompute]);
    CHECK(bus[accel::kBusy] >= pins[accel::kBusy]);  // one beat a cycle for all streams
  }
}

TEST_CASE("system.tlm.conv2.stalls") {
  for (const kernel::Stall stall :
       {kernel::Stall::in, kernel::Stall::out, kernel::Stall::both, kernel::Stall::bursts}) {
    CAPTURE(to_string(stall));
    session::RunOptions options;
    options.layer = "conv2";
    options.stall = stall;
    const session::RunReport report = run(options, session::Via::tlm);
    test::check_passed(report);
    options.stall = kernel::Stall::none;
    CHECK(report.cycles > run(options, session::Via::tlm).cycles);
  }
}

TEST_CASE("system.tlm.images.back_to_back") {
  session::RunOptions options;
  options.check = check::CheckLevel::pins;
  const session::RunReport report = run(options, session::Via::tlm, 2);
  test::check_passed(report);
  CHECK(report.images == 2);
}

TEST_CASE("system.tlm.trace.written") {
  session::RunOptions options;
  options.layer = "conv1";
  options.trace = dut::TraceFormat::vcd;
  options.trace_window = "100:120";
  const test::TemporaryFolder folder;
  options.trace_file = folder / "conv1.vcd";
  test::check_passed(run(options, session::Via::tlm));
  CHECK(std::filesystem::file_size(options.trace_file) > 1000);
}

TEST_CASE("system.tlm.canaries.seen") {
  const auto dut = dut::make_dut("8x8", dut::TraceFormat::vcd);
  const auto all = session::run_canaries(*dut, check::CheckLevel::pe, 5, session::Via::tlm);
  CHECK(all.missing.empty());
  CHECK(all.shown == std::vector<std::string>{"pins", "registers weight", "registers shadow", "registers act",
                                              "registers psum", "tensor", "outputs read"});
  const auto pins = session::run_canaries(*dut, check::CheckLevel::pins, 6, session::Via::tlm);
  CHECK(pins.missing.empty());
  CHECK(pins.shown == std::vector<std::string>{"pins", "tensor", "outputs read"});
}

TEST_CASE("system.tlm.planted.wrong_output") {
  Bench bench;
  const std::uint64_t clean = bench.run().cycles;
  lower::beats_of(*bench.work.layers[0]).expectations()[0][5 * 8 + 2] ^= 1 << 3;  // lane 2 of beat 5
  const session::TransportResult result = bench.run();
  CHECK(result.outcome == kernel::Outcome::mismatch);
  CHECK(result.cycles < clean);  // it ends there
  REQUIRE_FALSE(bench.monitor.findings().kept().empty());
  const check::Mismatch& first = bench.monitor.findings().kept().front();
  CHECK((first.rtl ^ first.golden) == 1 << 3);
  CHECK(first.signal.find("out") != std::string::npos);
  CHECK(first.coordinate.find(bench.coordinate(5, 0).substr(5)) != std::string::npos);  // the pixel
}

TEST_CASE("system.tlm.planted.wrong_beat_at_the_pins") {
  Bench bench(check::CheckLevel::outputs);
  bench.monitor.plant(check::Checker::outputs, {.at = 7, .index = 1, .bit = 2});
  CHECK(bench.run().outcome == kernel::Outcome::mismatch);
  REQUIRE(bench.monitor.findings().kept().size() == 1);
  CHECK(bench.monitor.findings().kept()[0].signal == "out beat 7 lane 1");
  CHECK(bench.monitor.findings().kept()[0].coordinate == bench.coordinate(7, 1));
}

TEST_CASE("system.tlm.planted.wrong_beat_as_read") {
  Bench bench;
  bench.monitor.plant_read({.at = 9, .index = 3, .bit = 0});
  CHECK(bench.run().outcome == kernel::Outcome::mismatch);
  REQUIRE(bench.monitor.findings().kept().size() == 1);
  CHECK(bench.monitor.findings().kept()[0].signal == "tlm read, out beat 9 lane 3");
  CHECK(bench.monitor.findings().kept()[0].coordinate == bench.coordinate(9, 3));
}

TEST_CASE("system.tlm.outputs_read.corrupted_bus") {
  // Beats as a broken bridge would deliver them: the golden's, one bit flipped.
  Bench bench;
  CHECK(bench.run().outcome == kernel::Outcome::passed);
  REQUIRE(bench.plan.layers[0].lowered->commands().size() == 1);
  const accel::Command& command = lower::commands_of(*bench.plan.layers[0].lowered).list()[0];
  base::Beats read(lower::out_bits(command.geometry));
  read.resize(command.out_beats());
  const auto& expected = lower::beats_of(*bench.work.layers[0]).expectations()[0];
  for (std::size_t beat = 0; beat < read.size(); ++beat) {
    for (std::size_t lane = 0; lane < 8; ++lane)
      read[beat][lane] = static_cast<std::uint32_t>(expected[beat * 8 + lane]);
  }
  CHECK(bench.monitor.outputs_read({&read, 1}, 1000));
  read[3][4] ^= 1U << 7;
  CHECK_FALSE(bench.monitor.outputs_read({&read, 1}, 1000));
  CHECK(bench.monitor.layer() == 0);
  REQUIRE(bench.monitor.findings().kept().size() == 1);
  CHECK(bench.monitor.findings().kept()[0].coordinate == bench.coordinate(3, 4));
}

TEST_CASE("system.tlm.missing_weights.timeout") {
  Bench bench;
  lower::LayerCommands& lowered = lower::commands_of(*bench.plan.layers[0].lowered);
  std::vector<accel::Command> commands = lowered.list();
  commands[0].wgt.resize(commands[0].wgt.size() - 1);
  lowered.replace(std::move(commands));
  const session::TransportResult result = bench.run();
  CHECK(result.outcome == kernel::Outcome::timeout);
  CHECK(result.detail.find("tlm: ") == 0);
}

TEST_CASE("system.tlm.max_cycles.unfinished") {
  session::RunOptions options;
  options.max_cycles = 300;
  const session::RunReport report = run(options, session::Via::tlm);
  CHECK(report.outcome == kernel::Outcome::unfinished);
  CHECK(report.cycles == 300);
  REQUIRE(report.failures.size() == 1);
  CHECK(report.failures[0].find("cycle 300") != std::string::npos);
}

}  // namespace
}  // namespace systole
