// SPDX-License-Identifier: Apache-2.0
// What a failure line is worth: the command behind it shows the same line each time, or the failure is called flaky.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.h"
#include "tests/selftest/regress_faulty.h"
#include "tests/support/temporary_folder.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using namespace systole::regress;

FaultyRegression regression_in(const TemporaryFolder& folder, const std::string& wake, const std::string& block) {
  base::write_file(folder / "plan.json",
                   fmt::format(R"({{"version": 1, "name": "again", "blocks": [{{"networks": ["models/lenet"],
                                   "designs": ["4x4"], {}}}]}})",
                               block));
  return {.folder = folder.path(), .script = faulty_script(folder / "program", wake)};
}

/// What follows "  again: " in a text for a terminal.
std::vector<std::string> commands_in(const std::string& text) {
  constexpr std::string_view kStart = "  again: ";
  std::vector<std::string> commands;
  for (std::size_t at = text.find(kStart); at != std::string::npos; at = text.find(kStart, at + 1)) {
    const std::size_t begin = at + kStart.size();
    commands.push_back(text.substr(begin, text.find('\n', begin) - begin));
  }
  return commands;
}

/// Each command that is printed, three times. How many there are.
std::size_t check_commands(const std::string& wake, const std::string& block) {
  CAPTURE(wake);
  const TemporaryFolder folder;
  const FaultyRegression regression = regression_in(folder, wake, block);
  const Summary summary = regression.run();
  const std::vector<std::string> commands = commands_in(summary_text(summary, regression.script.string()));
  REQUIRE(commands.size() == summary.groups.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Group& group = summary.groups[i];
    const std::string &line = summary.results[group.jobs.front()].line,
                      &token = summary.results[group.jobs.front()].token;
    CAPTURE(commands[i]);
    CHECK(group.trend == Trend::fresh);
    CHECK(group.repeated == 3);
    CHECK(fs::exists(fs::path(group.folder) / "failure.json") != token.empty());  // canaries have none
    for (int time = 0; time < 3; ++time) {
      const std::string failures = (folder / fmt::format("failures{}", time));
      const base::ProcessResult said =
          base::run_process({"/bin/sh", "-c", commands[i] + " --failures " + failures}, {.errors_too = true});
      CAPTURE(said.output);
      CHECK_FALSE(said.succeeded);
      CHECK(said.output.find("\n" + line + "\n") != std::string::npos);
    }
  }
  return commands.size();
}

TEST_CASE("selftest.regress.printed_commands_show_the_same_line_three_times") {
  // Whatever was checked, and whatever else decides the line.
  constexpr const char* kBlocks[] = {R"("stalls": ["both"], "seeds": [7], "images": ["3-4"], "checks": ["all"])",
                                     R"("stalls": ["none"], "images": [0])",
                                     R"("layers": ["conv2"], "checks": ["outputs"], "images": ["5"])"};
  std::size_t commands = 0;
  for (const char* fault : {"output_lane.bias_ignored", "ctrl.counter_off_by_one", "skew.moves_in_a_stall",
                            "act_buffer.ready_stuck", "requantize_round.shift_one_short"}) {
    for (const char* block : kBlocks) commands += check_commands(fmt::format("SYSTOLE_FAULT={}", fault), block);
  }
  MESSAGE(commands << " commands");
  CHECK(commands >= 10);
}

/// The fault of the n-th call, from 0 on.
std::string nth_call(const TemporaryFolder& folder, const std::string& choice) {
  const std::string count = folder / "count";
  return fmt::format("n=$(cat {0} 2>/dev/null || echo 0)\necho $((n + 1)) >{0}\ncase $n in {1} esac", count, choice);
}

void check_flaky(const std::string& choice) {
  CAPTURE(choice);
  const TemporaryFolder folder;
  const FaultyRegression regression = regression_in(folder, nth_call(folder, choice), R"("images": [0])");
  const Summary summary = regression.run({}, 1);
  REQUIRE(summary.groups.size() == 1);
  CHECK(summary.groups[0].trend == Trend::flaky);
  CHECK(summary.groups[0].repeated < 3);
  CHECK(summary_text(summary, "systole").starts_with("flaky 4x4 "));
  CHECK(summary_json(summary).find(R"("trend": "flaky")") != std::string::npos);
}

TEST_CASE("selftest.regress.failure_that_does_not_repeat_is_flaky") {
  check_flaky("0) SYSTOLE_FAULT=output_lane.bias_ignored;;");        // never again
  check_flaky("2) ;; *) SYSTOLE_FAULT=output_lane.bias_ignored;;");  // but once
}

// Twice the same is not enough.
TEST_CASE("selftest.regress.failure_that_differs_the_third_time_is_flaky") {
  check_flaky("3) SYSTOLE_FAULT=requantize_round.shift_one_short;; *) SYSTOLE_FAULT=output_lane.bias_ignored;;");
}

}  // namespace
}  // namespace systole::test
