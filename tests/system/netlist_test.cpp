// SPDX-License-Identifier: Apache-2.0
// accel as gates, whose cells nobody can see: its pins are checked in every cycle all the same.
#include <doctest/doctest.h>

#include <string>

#include "base/input_error.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"
#include "tests/support/run_report.h"

namespace systole::test {
namespace {

session::RunReport run_layer(const std::string& design, const std::string& layer, check::CheckLevel check,
                             kernel::Stall stall = kernel::Stall::none) {
  const model::Network network = model::load_network("models/lenet");
  const auto images = dataset::open_dataset("glyphs");
  const session::ImageSource source = [&](std::int64_t i) {
    return session::InputImage{
        .index = i, .label = images->at(i).label, .input = model::to_input(network.input, images->at(i).pixels)};
  };
  session::RunOptions options;
  options.configuration = design;
  options.layer = layer;
  options.check = check;
  options.stall = stall;
  options.test = "system";
  return session::run_network(network, options, source, 1);
}

TEST_CASE("system.netlist.pins_are_checked_without_cells") {
  for (const std::string layer : {"conv1", "pool2", "fc3"}) {
    for (const kernel::Stall stall : {kernel::Stall::none, kernel::Stall::both}) {
      CAPTURE(layer);
      const session::RunReport gates = run_layer("4x4-gates", layer, check::CheckLevel::pins, stall);
      check_passed(gates);
      CHECK(gates.canaries == std::vector<std::string>{"pins", "tensor"});
      const session::RunReport rtl = run_layer("4x4", layer, check::CheckLevel::pins, stall);
      CHECK(gates.cycles == rtl.cycles);
      CHECK(gates.compared == rtl.compared);
    }
  }
}

TEST_CASE("system.netlist.a_faulty_gate_shows_at_the_pins") {
  const session::RunReport report = run_layer("4x4-faulty-gates", "conv1", check::CheckLevel::pins);
  CHECK(report.outcome == kernel::Outcome::mismatch);
  REQUIRE(report.failure.has_value());
  REQUIRE(report.failure->origin.has_value());
  CHECK(report.failure->origin->checker == check::Checker::pins);
  CHECK(report.failure->origin->signal.starts_with("out_data_o"));
}

TEST_CASE("system.netlist.cells_are_refused") {
  CHECK_THROWS_WITH_AS(run_layer("4x4-gates", "fc3", check::CheckLevel::pe),
                       "--check: pe: expected none, outputs or pins: this model's cells are gates", base::InputError);
}

}  // namespace
}  // namespace systole::test
