// SPDX-License-Identifier: Apache-2.0
// What a user sees of a design that is wrong: `systole run` over the RTL with one planted fault.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

Finished run_faulty(const std::string& fault, const Arguments& arguments) {
  return run(arguments, {.program = SYSTOLE_FAULTY_PROGRAM, .set = {{"SYSTOLE_FAULT", fault}}});
}

Finished replay_faulty(const std::string& fault, const Arguments& arguments) {
  return run(arguments, {.program = SYSTOLE_FAULTY_VECTORS, .set = {{"SYSTOLE_FAULT", fault}}});
}

Arguments words(const std::string& line) {
  std::istringstream text(line);
  return {std::istream_iterator<std::string>(text), {}};
}

/// The rest of the first line that contains `start`, from there.
std::string line_after(const std::string& text, const std::string& start) {
  const std::size_t at = text.find(start);
  REQUIRE(at != std::string::npos);
  return text.substr(at + start.size(), text.find('\n', at) - at - start.size());
}

TEST_CASE("selftest.faulty_program.no_fault.passes") {
  const Finished result = run_faulty("", {"run", "models/lenet", "--config", "4x4", "--layer", "fc3", "--images", "2"});
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.find("0 differ") != std::string::npos);
}

TEST_CASE("selftest.faulty_program.wrong_channel_slot.exits_1_with_a_line_that_repeats_it") {
  const std::string fault = "accel.wrong_channel_slot";
  const TemporaryFolder folder;
  const std::string report = folder / "report.json";
  const Finished result = run_faulty(fault, {"run", "models/lenet", "--config", "4x4", "--images", "3", "--stall",
                                             "both", "--seed", "11", "--report", report});
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 1);
  const std::string failure = line_after(result.out, "lenet.");
  CHECK(failure.find("out_data_o") != std::string::npos);
  for (const char* field : {"conv1", "cycle ", "rtl ", "golden ", "seed 11"})
    CHECK(failure.find(field) != std::string::npos);

  const auto json = nlohmann::json::parse(read_text(report));
  CHECK(json["outcome"] == "mismatch");
  CHECK(json["mismatches"].get<int>() > 0);
  CHECK(json["compared"].get<int>() > 0);

  Arguments again = words(line_after(result.out, "re-run: "));
  REQUIRE(again.size() > 2);
  again.erase(again.begin());  // the program
  const std::string dump = folder / "lenet.vcd";
  again.insert(again.end(), {"--trace-file", dump});
  const Finished repeated = run_faulty(fault, again);
  CAPTURE(repeated.out);
  CHECK(repeated.code == 1);
  CHECK(line_after(repeated.out, "lenet.") == failure);
  CHECK(read_text(dump).find("$enddefinitions") != std::string::npos);
  CHECK(repeated.out.find("waveform: " + dump) != std::string::npos);
}

/// One block for a fault, and a table of what ran: layers that ended have their figures, the one that failed what was
/// compared in it, the rest none.
TEST_CASE("selftest.faulty_program.second_operand_dropped.one_block_and_a_true_table") {
  const TemporaryFolder folder;
  const std::string report = folder / "report.json";
  const Finished result =
      run_faulty("residual_add.second_operand_dropped",
                 {"run", "models/resnet-bfp", "--config", "4x4", "--images", "2", "--report", report});
  CAPTURE(result.out);
  CHECK(result.code == 1);
  const std::string block = result.out.substr(0, result.out.find("layer "));
  CHECK(std::ranges::count(block, '\n') == 3);
  CHECK(block.starts_with("run.resnet.add1.stall_none  out_data_o[0]  cycle "));
  CHECK(block.find("\n  also differ: ") != std::string::npos);
  CHECK(block.find("\n  re-run: ") != std::string::npos);

  const auto json = nlohmann::json::parse(read_text(report));
  CHECK(json["failures"].size() == 1);
  std::int64_t compared = 0;
  bool failed = false;
  for (const auto& layer : json["layers"]) {
    CAPTURE(layer["name"].get<std::string>());
    compared += layer["compared"].get<std::int64_t>();
    const bool fails = layer["name"] == "add1";
    CHECK((layer["mismatches"] > 0) == fails);
    CHECK((layer["compared"] > 0) == (fails || !failed));
    failed = failed || fails;
    CHECK((layer["utilisation"] > 0.0) == !failed);
    CHECK((layer["macs"] > 0) == !failed);
    CHECK((layer["psum_min"] < layer["psum_max"]) == !failed);
  }
  CHECK(json["compared"] == compared);
  CHECK(line_after(result.out, "\nstem ").find(" 0.0%") == std::string::npos);
  CHECK(line_after(result.out, "\nblock2_1 ").find(" - ") != std::string::npos);
}

TEST_CASE("selftest.faulty_program.ready_stuck.ends_although_nothing_moves") {
  const Finished result =
      run_faulty("weight_loader.ready_stuck_at_0", {"run", "models/lenet", "--config", "4x4", "--layer", "fc3"});
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 1);
  CHECK(result.out.find("wgt_ready_o") != std::string::npos);
}

/// A shell that gets the re-run line of `text` sees the failure of `text` again.
void check_repeats(const std::string& fault, const std::string& text) {
  const std::string line = line_after(text, "re-run: ");
  const TemporaryFolder dumps;
  const std::string script = "cd " + dumps.path().string() + " && \"$0\"" + line.substr(line.find(' '));
  const Finished again =
      run({"-c", script, SYSTOLE_FAULTY_VECTORS}, {.program = "/bin/sh", .set = {{"SYSTOLE_FAULT", fault}}});
  CAPTURE(line);
  CAPTURE(again.out);
  CAPTURE(again.err);
  CHECK(again.code == 1);
  CHECK(line_after(again.out, "replay.") == line_after(text, "replay."));
}

/// A set of the right RTL on one with a fault: the files stay right, and that the RTL is wrong is said.
void check_replay_sees(const std::string& fault, const std::string& layer, const std::string& format,
                       const std::string& row) {
  CAPTURE(fault);
  const TemporaryFolder folder;
  const std::string set = folder / "it's; exit 77";
  REQUIRE(
      run({"vectors", "models/lenet", "--layer", layer, "--format", format, "--config", "4x4", "--output", set}).code ==
      0);
  const Arguments replay{"replay", set, "--config", "4x4"};
  const Finished clean = replay_faulty("", replay);
  CAPTURE(clean.out);
  CHECK(clean.code == 0);
  const Finished result = replay_faulty(fault, replay);
  CAPTURE(result.out);
  CHECK(result.code == 1);
  CHECK(result.out.find("as manifest.json says\n") != std::string::npos);
  CHECK(line_after(result.out, row + " file against golden").find(" 0 differ") != std::string::npos);
  const std::string against = line_after(result.out, row + " RTL against golden");
  CHECK(against.find(" differ") != std::string::npos);
  CHECK(against.find(" 0 differ") == std::string::npos);
  for (const char* field : {"cycle ", "rtl ", "golden ", "re-run: "})
    CHECK(result.out.find(field) != std::string::npos);
  CHECK(result.out.find("\nmismatch: ") != std::string::npos);
  check_repeats(fault, result.out);
}

// Nothing runs on the right RTL by mistake.
TEST_CASE("selftest.faulty_program.command_of_another_program.is_refused") {
  const Finished result = run_faulty("", {"replay", "none"});
  CHECK(result.code == 2);
  CHECK(result.err == "systole: replay: no command of this program\n");
}

TEST_CASE("selftest.faulty_program.replay_of_a_clean_set_exits_1") {
  check_replay_sees("output_lane.bias_ignored", "fc3", "readmemh", "out     ");
  check_replay_sees("c_unit.shadow_swapped_late", "fc3", "array", "psum    ");
  // Shows from one oc tile of a command to the next: 10 channels are three tiles of 4.
  check_replay_sees("accel.wrong_channel_slot", "fc3", "readmemh", "out     ");
}

}  // namespace
}  // namespace systole::test
