// SPDX-License-Identifier: Apache-2.0
// `run --jobs N`: images in several processes, and the report of one.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

/// The whole output but for the line with speed.
std::string without_speed(const std::string& out) {
  std::string kept;
  for (std::size_t begin = 0, end = 0; begin < out.size(); begin = end + 1) {
    end = out.find('\n', begin);
    const std::string line = out.substr(begin, end - begin + 1);
    if (line.find(" M cycles/s)") == std::string::npos) kept += line;
  }
  return kept;
}

/// What a run leaves, with one process and with several.
void check_same(Arguments arguments, int code) {
  const TemporaryFolder folder;
  nlohmann::ordered_json reports[2];
  Finished runs[2];
  std::string answers[2];
  for (int i = 0; i < 2; ++i) {
    const std::string report = folder / (std::to_string(i) + ".json"), outputs = folder / (std::to_string(i) + ".csv");
    Arguments all = arguments;
    all.insert(all.end(), {"--report", report, "--jobs", i == 0 ? "1" : "3"});
    const bool whole = std::ranges::find(arguments, "--layer") == arguments.end();
    if (whole) all.insert(all.end(), {"--outputs", outputs});
    runs[i] = run(all);
    CAPTURE(runs[i].out);
    CHECK(runs[i].code == code);
    CHECK(runs[i].err.empty());
    reports[i] = nlohmann::ordered_json::parse(read_text(report));
    CHECK(reports[i]["seconds"] > 0);
    reports[i].erase("seconds");
    answers[i] = read_text(outputs);
    CHECK(answers[i].empty() != whole);
  }
  CHECK(reports[0].dump(1) == reports[1].dump(1));
  CHECK(without_speed(runs[0].out) == without_speed(runs[1].out));
  CHECK(answers[0] == answers[1]);
}

TEST_CASE("system.cli_workers.same_report_as_one_process") {
  check_same({"run", kLenet, "--images", "5", "--stall", "both", "--seed", "3"}, 0);
  check_same({"run", kLenet, "--images", "7", "--first-image", "20", "--check", "outputs", "--via", "tlm"}, 0);
  check_same({"run", "models/lenet", "--images", "4", "--skip-unfit", "--stall", "bursts", "--dut", "gemm_axis"}, 0);
}

TEST_CASE("system.cli_workers.same_report_of_a_failure") {
  // The first image of this layer that the planted bug touches is in the second of three parts.
  check_same({"run", kLenet, "--layer", "fc2", "--images", "24", "--dut", "gemm_axis_bug"}, 1);
  check_same({"run", kLenet, "--layer", "fc3", "--images", "6", "--max-cycles", "100"}, 3);
}

TEST_CASE("system.cli_workers.the_first_one_dumps") {
  const TemporaryFolder folder;
  const std::string dumps[] = {folder / "one.fst", folder / "three.fst"};
  for (int i = 0; i < 2; ++i) {
    const Finished result = run({"run", kLenet, "--images", "3", "--layer", "fc3", "--trace", "fst", "--trace-file",
                                 dumps[i], "--jobs", i == 0 ? "1" : "3"});
    CHECK(result.code == 0);
    CHECK(result.out.find("waveform: " + dumps[i] + "\n") != std::string::npos);
  }
  CHECK(std::filesystem::file_size(dumps[0]) == std::filesystem::file_size(dumps[1]));
}

TEST_CASE("system.cli_workers.a_signal_ends_all") {
  const TemporaryFolder folder;
  const std::string report = folder / "report.json";
  const Finished result = run({"run", kLenet, "--images", "1000000", "--jobs", "2", "--report", report},
                              {.interrupt_after = std::chrono::milliseconds(1500), .signal = SIGTERM});
  CHECK(result.code == 143);
  CHECK(nlohmann::json::parse(read_text(report))["outcome"] == "interrupted");
}

TEST_CASE("system.cli_workers.a_killed_one_makes_the_run_lost") {
  const TemporaryFolder folder;
  const std::string report = folder / "report.json";
  // Workers are children of threads. The last one is killed, once it runs.
  const std::string script =
      "\"$0\" \"$@\" & p=$!; until [ \"$(cat /proc/$p/task/*/children 2>/dev/null | wc -w)\" = 2 ]; do sleep 0.01; "
      "done; sleep 0.5; kill -KILL $(cat /proc/$p/task/*/children | awk '{print $NF}' | tail -n 1); wait $p";
  const Finished result =
      run({"-c", script, SYSTOLE_PROGRAM, "run", kLenet, "--images", "40", "--jobs", "2", "--report", report},
          {.program = "/bin/sh"});
  CHECK(result.code == 5);
  CHECK(result.out.find("\nlost: worker ") != std::string::npos);
  CHECK(result.out.find(" of 2 ended without a result") != std::string::npos);
  CHECK(nlohmann::json::parse(read_text(report))["outcome"] == "lost");
}

TEST_CASE("system.cli_workers.refused_as_by_one_process") {
  for (const char* jobs : {"1", "2"}) {
    CAPTURE(jobs);
    check_refused({"run", kLenet, "--images", "4", "--layer", "none", "--jobs", jobs},
                  "systole: lenet: layer none: no such layer; there are conv1 pool1 conv2 pool2 fc1 fc2 fc3\n");
  }
  check_refused({"run", kLenet, "--jobs", "0"}, "--jobs");
}

}  // namespace
}  // namespace systole::test
