// SPDX-License-Identifier: Apache-2.0
// Faults of the bench's own side: spoilt vectors, expectations and parameters. The RTL is right in all of them.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "accel/dut/geometry.h"
#include "sim/session/session.h"
#include "tests/selftest/faults_run.h"

namespace systole::test {
namespace {

using accel::In;
using kernel::Outcome;

const Program& conv() {
  static const std::vector<Program> programs = signoff::programs(accel::geometry_of(*make_faulty_dut("")).rows);
  return programs.front();
}

/// The run ends as a mismatch whose first report is of this checker and signal.
void check_mismatch(const signoff::Played& result, check::Checker checker, const std::string& signal) {
  CHECK(result.outcome == Outcome::mismatch);
  REQUIRE(!result.mismatches.empty());
  CHECK(result.mismatches.front().checker == checker);
  CHECK(result.mismatches.front().signal == signal);
}

/// Sends a copy of beat `index` of `stream` with its lowest bit flipped.
RunPlan with_flipped_beat(In stream, std::uint64_t index) {
  RunPlan how;
  how.send = [=, copy = std::array<std::uint32_t, 8>{}](In s, std::uint64_t i, const std::uint32_t* beat) mutable {
    if (s != stream || i != index) return beat;
    copy[0] = beat[0] ^ 1U;
    for (std::size_t word = 1; word < 4; ++word) copy[word] = s == In::cfg ? beat[word] : 0;
    return static_cast<const std::uint32_t*>(copy.data());
  };
  return how;
}

TEST_CASE("selftest.faults.bench.flipped_bit_in_expected_output") {
  RunPlan how;
  how.work = [](session::ImageWork&, lower::LayerBeats& beats) { beats.expectations()[0][42] ^= 1; };
  const signoff::Played result = run_program(conv(), how);
  // Beat 42 / 4 = 10 of the first oc tile, lane 2: output pixel 10 = (2, 2), channel 2.
  check_mismatch(result, check::Checker::pins, "out_data_o[2]");
  CHECK(result.mismatches.front().coordinate.find("oh 2 ow 2") != std::string::npos);
  CHECK((result.mismatches.front().rtl ^ result.mismatches.front().golden) == 1);
}

TEST_CASE("selftest.faults.bench.golden_off_by_one") {
  RunPlan how;
  how.work = [](session::ImageWork& work, lower::LayerBeats&) { work.outputs[0].at(3, 1, 7) += 1; };
  const signoff::Played result = run_program(conv(), how);
  check_mismatch(result, check::Checker::tensor, "output tensor");
  CHECK(result.mismatches.size() == 1);
  CHECK(result.mismatches.front().coordinate == "oc 7 oh 3 ow 1");
}

TEST_CASE("selftest.faults.bench.corrupted_weight_beat") {
  // Row 1 of the first pass, column 0.
  check_mismatch(run_program(conv(), with_flipped_beat(In::wgt, 1)), check::Checker::registers,
                 "u_array.g_row[1].g_col[0].u_c.shadow_q");
}

TEST_CASE("selftest.faults.bench.corrupted_activation_beat") {
  const signoff::Played result = run_program(conv(), with_flipped_beat(In::act, 14));
  CHECK(result.outcome == Outcome::mismatch);
  REQUIRE(!result.mismatches.empty());
  CHECK(result.mismatches.front().signal == "u_array.g_row[0].g_col[0].u_c.act_q");
}

TEST_CASE("selftest.faults.bench.truncated_vectors") {
  for (const In stream : {In::cfg, In::wgt, In::act}) {
    CAPTURE(static_cast<int>(stream));
    RunPlan how;
    how.check = check::CheckLevel::none;
    how.send = [=](In s, std::uint64_t i, const std::uint32_t* beat) {
      return s == stream && i == 10 ? nullptr : beat;
    };
    CHECK(run_program(conv(), how).outcome == Outcome::timeout);
    how.check = check::CheckLevel::pe;
    CHECK(run_program(conv(), how).outcome == Outcome::timeout);
  }
}

TEST_CASE("selftest.faults.bench.vectors_left_over") {
  RunPlan how;
  how.check = check::CheckLevel::none;
  how.commands = [](std::vector<accel::Command>& commands) { commands[0].wgt.resize(commands[0].wgt.size() + 4); };
  CHECK(run_program(conv(), how).outcome == Outcome::input_left);
}

TEST_CASE("selftest.faults.bench.extra_expected_output") {
  RunPlan how;
  how.commands = [](std::vector<accel::Command>& commands) { commands[0].header.oc_tiles += 1; };
  how.check = check::CheckLevel::none;
  // out_last_o comes before the bench has all the outputs that it expects.
  CHECK(run_program(conv(), how).outcome == Outcome::early_last);
}

TEST_CASE("selftest.faults.bench.mismatched_parameter") {
  RunPlan how;
  const auto twice = [](std::string_view name) {
    return [name](std::vector<dut::Parameter>& parameters) {
      for (dut::Parameter& parameter : parameters) parameter.value *= parameter.name == name ? 2 : 1;
    };
  };
  how.parameters = twice("ParTiles");
  check_mismatch(run_program(conv(), how), check::Checker::pins, "cfg_ready_o");
  how.parameters = twice("Rows");
  how.check = check::CheckLevel::pins;
  CHECK(run_program(conv(), how).outcome == Outcome::mismatch);
}

TEST_CASE("selftest.faults.bench.ready_stuck_at_0") {
  RunPlan how;
  how.stall = kernel::Stall::out;
  how.stall_of_256 = 256;
  CHECK(run_program(conv(), how).outcome == Outcome::unfinished);
}

TEST_CASE("selftest.faults.bench.valid_stuck_at_0") {
  RunPlan how;
  how.stall = kernel::Stall::in;
  how.stall_of_256 = 256;
  CHECK(run_program(conv(), how).outcome == Outcome::unfinished);
}

TEST_CASE("selftest.faults.bench.empty_program") {
  RunPlan how;
  how.plan = [](session::Plan& plan) { plan.layers.clear(); };
  how.check = check::CheckLevel::none;
  const signoff::Played result = run_program(conv(), how);
  CHECK(result.compared == 0);
  session::RunOptions options;
  options.configuration = "4x4";
  const auto no_image = [](std::int64_t) { return session::InputImage{}; };
  const session::RunReport report = session::run_network(conv().network, options, no_image, 0);
  CHECK(report.outcome == Outcome::nothing_compared);
}

TEST_CASE("selftest.faults.bench.checks_off_is_no_pass") {
  const session::ImageSource source = [](std::int64_t i) {
    return session::InputImage{.index = i, .label = -1, .input = conv().input};
  };
  session::RunOptions options;
  options.configuration = "4x4";
  options.check = check::CheckLevel::none;
  const session::RunReport report = session::run_network(conv().network, options, source, 1);
  CHECK(report.outcome == Outcome::not_checked);
}

}  // namespace
}  // namespace systole::test
