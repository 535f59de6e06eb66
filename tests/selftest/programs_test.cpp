// SPDX-License-Identifier: Apache-2.0
// One command line over several programs: which model a run takes, and that it takes none that is older than the RTL.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("selftest.programs.stale_model_is_refused") {
  const TemporaryFolder folder;
  const fs::path report = folder.path() / "report.json";
  write_text(report, "an older run's");
  const Finished stale = run({"run", "models/lenet", "--images", "1", "--kind", "edit", "--report", report},
                             {.program = SYSTOLE_STALE_PROGRAM});
  CHECK(stale.code == 2);
  CHECK(stale.out.empty());
  CHECK(stale.err == "systole: model 8x8/edit: made from other RTL than what is there now: rebuild, cmake --build " +
                         std::string(SYSTOLE_BUILD_FOLDER) + " --target systole\n");
  CHECK_FALSE(fs::exists(report));
}

TEST_CASE("selftest.programs.stale_model_is_listed_as_such") {
  const Finished list = run({"--model"}, {.program = SYSTOLE_STALE_PROGRAM});
  CHECK(list.out == "8x8 edit 0 0.1.0\n");
}

TEST_CASE("selftest.programs.trace_chooses_the_kind") {
  const TemporaryFolder folder;
  for (const auto& way : {std::pair{"vcd", "vcd"}, std::pair{"fst", "edit"}}) {
    const auto *const trace = way.first, *const kind = way.second;
    CAPTURE(trace);
    const fs::path report = folder.path() / "report.json";
    const Finished result = run({"run", "models/lenet", "--images", "1", "--layer", "fc3", "--trace", trace,
                                 "--trace-file", folder.path() / "dump", "--report", report});
    CHECK(result.code == 0);
    CHECK(holds(result.out, std::string("model 8x8/") + kind + "\n"));
    const auto json = nlohmann::json::parse(read_text(report));
    CHECK(json["kind"] == kind);
    CHECK(json["lint_warnings"] == 0);
  }
}

TEST_CASE("selftest.programs.configuration_chooses_the_program") {
  const Finished result = run({"run", "models/lenet", "--images", "1", "--layer", "fc3", "--config", "4x4"});
  CHECK(result.code == 0);
  CHECK(holds(result.out, "model 4x4/speed\n"));
}

TEST_CASE("selftest.programs.kind_without_the_trace_is_refused") {
  const Finished result = run({"run", "models/lenet", "--kind", "speed", "--trace", "fst"});
  CHECK(result.code == 2);
  CHECK(result.err == "systole: --kind speed: has no fst trace; edit has\n");
}

TEST_CASE("selftest.programs.wrong_configuration_is_refused_with_the_names") {
  for (const char* name : {"banana", "3x3", "8x33", "32x32/vcd", "../8x8"}) {
    CAPTURE(name);
    const Finished result = run({"run", "models/lenet", "--config", name});
    CHECK(result.code == 2);
    CHECK(result.err == std::string("systole: --config: expected 8x8, 8x8-w4a4, 4x4, 16x16 or ROWSxCOLS (4 .. 64 rows, "
                                    "4 .. 32 columns), found ") +
                            name + "\n");
  }
}

TEST_CASE("selftest.programs.commands_of_another_are_listed_and_run") {
  const Finished help = run({"--help"});
  for (const char* name : {"run", "import", "quantize", "prune", "study", "bench", "wave"}) {
    CAPTURE(name);
    CHECK(holds(help.out, std::string("\n  ") + name + " "));
  }
  CHECK(holds(run({"quantize", "--help"}).out, "--scheme"));
  CHECK(holds(run({"study", "--help"}).out, "headroom"));
  CHECK(holds(run({"study", "headroom", "--help"}).out, "--run"));
}

TEST_CASE("selftest.programs.list_shows_what_is_built") {
  const Finished list = run({"list"});
  CHECK(list.code == 0);
  CHECK(holds(list.out, "edit     systole\n"));
  CHECK(holds(list.out, "vcd      dut/systole-8x8-vcd\n"));
  CHECK(holds(list.out, "speed    dut/systole-4x4-speed\n"));
}

}  // namespace
}  // namespace systole::test
