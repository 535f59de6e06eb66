// SPDX-License-Identifier: Apache-2.0
// Cycles per layer, recorded and compared.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

Arguments timed_run(const std::string& option, const std::string& file, const std::string& stall = "both") {
  return {"run", kLenet, "--layer", "fc3", "--images", "2", "--stall", stall, option, file};
}

/// The recorded cycles of the only layer, changed.
void add_cycles(const std::string& file, int cycles) {
  auto json = nlohmann::ordered_json::parse(read_text(file));
  json["layers"][0]["cycles"] = json["layers"][0]["cycles"].get<int>() + cycles;
  write_text(file, json.dump());
}

TEST_CASE("system.cli_timing.recorded_and_compared") {
  const TemporaryFolder folder;
  const std::string file = folder / "timing.json";
  for (const char* design : {"", "gemm_axis"}) {
    CAPTURE(design);
    Arguments record = timed_run("--record-timing", file), check = timed_run("--check-timing", file);
    if (*design != '\0') {
      for (Arguments* arguments : {&record, &check}) arguments->insert(arguments->end(), {"--dut", design});
    }
    CHECK(run(record).code == 0);
    const auto recorded = nlohmann::json::parse(read_text(file));
    const int cycles = recorded["layers"][0]["cycles"].get<int>();
    CHECK(cycles > 100);
    const Finished same = run(check);
    CHECK(same.code == 0);
    CHECK(same.out.find("slower") == std::string::npos);

    add_cycles(file, -1);
    const Finished slower = run(check);
    CHECK(slower.code == 1);
    const std::string line =
        "slower: fc3 takes " + std::to_string(cycles) + " cycles, recorded are " + std::to_string(cycles - 1) + "\n";
    CHECK(slower.out.find(line) != std::string::npos);
    CHECK(slower.out.find("\npassed\n") == std::string::npos);

    add_cycles(file, 3);
    const Finished faster = run(check);
    CHECK(faster.code == 0);
    CHECK(faster.out.find("\nfaster: fc3 takes ") != std::string::npos);
    CHECK(faster.out.find("\npassed\n") != std::string::npos);
    CHECK(std::filesystem::remove(file));
  }
}

TEST_CASE("system.cli_timing.refuses_another_run_and_no_timing") {
  const TemporaryFolder folder;
  const std::string file = folder / "timing.json";
  CHECK(run(timed_run("--record-timing", file)).code == 0);
  check_refused(timed_run("--check-timing", file, "none"),
                "systole: " + file + ": stall: recorded with both, this run has none: repeat that run, or record this");
  check_refused(timed_run("--check-timing", folder / "none.json"), "none.json");
  check_refused(timed_run("--record-timing", folder / "no/such.json"), "no/such.json");
  write_text(file, "{}");
  check_refused(timed_run("--check-timing", file), "timing.json: version: ");
}

}  // namespace
}  // namespace systole::test
