// SPDX-License-Identifier: Apache-2.0
// `systole shrink` over the RTL with one planted fault: what it makes of a failed run.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

struct Reproduced {
  fs::path failure;
  Finished shrink;
  [[nodiscard]] fs::path folder() const { return failure / "reproducer"; }
};

Surroundings faulty(const char* program, const std::string& fault) {
  return {.program = program, .set = {{"SYSTOLE_FAULT", fault}}};
}

Reproduced reproduce(const TemporaryFolder& scratch, const std::string& fault, const Arguments& more = {}) {
  Arguments arguments{"run", "models/lenet", "--config", "4x4", "--images", "1", "--failures", scratch / "failures"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  REQUIRE(run(arguments, faulty(SYSTOLE_FAULTY_PROGRAM, fault)).code == 1);
  Reproduced result;
  for (const auto& entry : fs::directory_iterator(scratch / "failures")) result.failure = entry.path();
  result.shrink = run({"shrink", result.failure}, faulty(SYSTOLE_FAULTY_VECTORS, fault));
  return result;
}

/// The three numbers of "cycles: A of the image -> B of the layer alone -> C".
struct Cycles {
  unsigned long image = 0, layer = 0, smallest = 0;
};
Cycles cycles_in(const std::string& text) {
  Cycles cycles;
  const std::size_t at = text.find("cycles: ");
  REQUIRE(at != std::string::npos);
  CHECK(std::sscanf(text.c_str() + at, "cycles: %lu of the image -> %lu of the layer alone -> %lu", &cycles.image,
                    &cycles.layer, &cycles.smallest) == 3);
  return cycles;
}

/// What Icarus makes of the bench on the faulty copy with that fault active; 0: none.
std::string icarus(const fs::path& set, int fault) {
  const TemporaryFolder scratch;
  std::ofstream(scratch / "active.sv") << fmt::format("package accel_fault_pkg;\n  int active = {};\nendpackage\n",
                                                      fault);
  std::vector<std::string> command{
      "iverilog", "-g2012", "-s", "bench", "-o", scratch / "bench.vvp", "bench.v", scratch / "active.sv"};
  for (const auto& entry : fs::directory_iterator(SYSTOLE_FAULTY_RTL)) {
    if (entry.path().extension() == ".v") command.push_back(entry.path());
  }
  const base::ProcessResult compiled = base::run_process(command, {.folder = set, .errors_too = true});
  CAPTURE(compiled.output);
  REQUIRE(compiled.succeeded);
  return base::run_process({"vvp", "-n", scratch / "bench.vvp"}, {.folder = set, .errors_too = true}).output;
}

int number_of(const std::string& fault) {
  const std::string list = run({"list-faults"}, {.program = SYSTOLE_FAULTY_PROGRAM}).out;
  const std::size_t at = list.find(fault + " ");
  REQUIRE(at != std::string::npos);
  return static_cast<int>(std::count(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1;
}

void check_reproducer(const std::string& fault, unsigned long least, const Arguments& more = {}) {
  CAPTURE(fault);
  const TemporaryFolder scratch;
  const Reproduced result = reproduce(scratch, fault, more);
  CAPTURE(result.shrink.out);
  CAPTURE(result.shrink.err);
  REQUIRE(result.shrink.code == 0);
  CHECK(result.shrink.out.find("nothing more can be left out") != std::string::npos);
  const Cycles cycles = cycles_in(result.shrink.out);
  CHECK(cycles.smallest * least <= cycles.image);
  // The network fails on the faulty design and passes on the good one, and so does the bench.
  const Arguments again{"run", result.folder() / "network", "--config", "4x4", "--check", "all", "--no-failure-folder"};
  CHECK(run(again, faulty(SYSTOLE_FAULTY_PROGRAM, fault)).code == 1);
  CHECK(run(again, faulty(SYSTOLE_FAULTY_PROGRAM, "")).code == 0);
  const fs::path set = result.folder() / "readmemh";
  CHECK_FALSE(icarus(set, number_of(fault)).starts_with("PASS"));
  CHECK(icarus(set, 0).starts_with("PASS"));
}

TEST_CASE("selftest.shrink.psum_bank") { check_reproducer("psum_lane.first_pass_keeps_the_bank", 100); }
TEST_CASE("selftest.shrink.output_stage") { check_reproducer("output_lane.bias_ignored", 1000); }
TEST_CASE("selftest.shrink.weights") { check_reproducer("c_unit.shadow_swapped_late", 100); }
TEST_CASE("selftest.shrink.a_failure_that_stalls_do_not_make_needs_none") {
  check_reproducer("im2col.stride_ignored", 1000, {"--stall", "both"});
}

TEST_CASE("selftest.shrink.stopped_by_its_time") {
  const TemporaryFolder scratch;
  const Reproduced result = reproduce(scratch, "cfg_loader.slot_not_advanced");
  REQUIRE(result.shrink.code == 0);
  // A second time over the first result: it is replaced, and as long as the first cannot be.
  const std::string before = read_text(result.folder() / "reproducer.txt");
  CHECK(before.find("fails as before: mismatch u_cfg_loader.slot_q") != std::string::npos);
  CHECK(
      run({"shrink", result.failure, "--seconds", "1"}, faulty(SYSTOLE_FAULTY_VECTORS, "cfg_loader.slot_not_advanced"))
          .code == 0);
}

/// The signal has to come after the first run and before the end, whatever the machine's speed: the whole takes several
/// times as long as the first run.
TEST_CASE("selftest.shrink.ctrl_c_keeps_the_smallest_so_far") {
  const std::string fault = "requantize_round.rounded_once";
  const TemporaryFolder scratch;
  const fs::path folder = reproduce(scratch, fault, {"--seed", "1"}).folder();
  fs::remove_all(folder);
  Finished stopped;
  for (int delay = 500; !fs::exists(folder); delay *= 2) {
    Surroundings surroundings = faulty(SYSTOLE_FAULTY_VECTORS, fault);
    surroundings.interrupt_after = std::chrono::milliseconds(delay);
    stopped = run({"shrink", folder.parent_path()}, surroundings);
    CAPTURE(delay);
    REQUIRE(stopped.code == 130);
  }
  CHECK(stopped.out.find("stopped before nothing more could be left out") != std::string::npos);
  CHECK(fs::exists(folder / "network" / "network.json"));
}

TEST_CASE("selftest.shrink.refusals") {
  const TemporaryFolder scratch;
  const Reproduced result = reproduce(scratch, "cfg_loader.slot_not_advanced");
  const Finished green = run({"shrink", result.failure}, faulty(SYSTOLE_FAULTY_VECTORS, ""));
  CHECK(green.code == 2);
  CHECK(green.err.find("its image passes on the RTL as it is now") != std::string::npos);
  CHECK(run({"shrink", scratch.path()}, faulty(SYSTOLE_FAULTY_VECTORS, "")).code == 2);
  CHECK(run({"shrink", result.failure, "--seconds", "0"}, faulty(SYSTOLE_FAULTY_VECTORS, "")).code == 2);
}

}  // namespace
}  // namespace systole::test
