// SPDX-License-Identifier: Apache-2.0
// `systole study mixed`, run as a user runs it.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "golden/format/network_file.h"
#include "golden/quant/conversion.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

TEST_CASE("system.cli_study_mixed.lenet") {
  const TemporaryFolder folder;
  const Finished result = run({"study", "mixed", kLenetFloat, "--images", "40", "--calibration-images", "4", "--bits",
                               "8,3,4", "--target", "95", "--target", "90", "-o", folder / "study"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("lenet: 40 images, float ") != std::string::npos);
  CHECK(result.out.find("3 bit %") < result.out.find("4 bit %"));  // sorted
  CHECK(result.out.find("exchanged") != std::string::npos);
  CHECK(std::ranges::count(read_text(folder / "study/sensitivity.csv"), '\n') == 1 + 5);
  CHECK(std::ranges::count(read_text(folder / "study/uniform.csv"), '\n') == 1 + 3);
  CHECK(read_text(folder / "study/targets.csv").starts_with("target %,network,bits,size kB,accuracy %\n95,one width,"));
  CHECK(read_text(folder / "study/mixed.svg").find("search for 95.00 %") != std::string::npos);
  CHECK(model::load_network(folder / "study/network-90.00").nodes.size() == 7);
}

TEST_CASE("system.cli_study_mixed.json_is_alone_and_repeats") {
  const Arguments arguments{"study", "mixed",    kLenetFloat, "--images", "30", "--calibration-images", "4", "--bits",
                            "3,8",   "--target", "90",        "--json",   "-"};
  const Finished first = run(arguments);
  CAPTURE(first.err);
  REQUIRE(first.code == 0);
  const auto json = nlohmann::json::parse(first.out);
  CHECK(json.dump().find("by sensitivity") != std::string::npos);
  CHECK(run(arguments).out == first.out);
}

TEST_CASE("system.cli_study_mixed.no_width_is_enough") {
  const Finished result = run(
      {"study", "mixed", kLenetFloat, "--images", "40", "--calibration-images", "4", "--bits", "2", "--target", "100"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("100.00  exchanged") != std::string::npos);
}

TEST_CASE("system.cli_study_mixed.refuses") {
  check_refused({"study", "mixed", "no/such"}, "no/such");
  check_refused({"study", "mixed", kLenetFloat, "--bits", "1"}, "--bits");
  check_refused({"study", "mixed", kLenetFloat, "--bits", "17"}, "--bits");
  check_refused({"study", "mixed", kLenetFloat, "--target", "101"}, "--target");
  check_refused({"study", "mixed", kLenetFloat, "--json", "-", "--csv", "-"}, "--csv");
}

TEST_CASE("system.cli_study_mixed.interrupted") {
  const Finished result = run({"study", "mixed", kLenetFloat, "--images", "10000000", "--calibration-images", "2"},
                              {.interrupt_after = std::chrono::milliseconds(700)});
  CHECK(result.code == 130);
  CHECK(result.out.empty());
}

}  // namespace
}  // namespace systole::test
