// SPDX-License-Identifier: Apache-2.0
// `systole study bits`, run as a user runs it.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

TEST_CASE("system.cli_study_bits.lenet") {
  const TemporaryFolder folder;
  const Finished result = run({"study", "bits", kLenetFloat, "--images", "20", "--calibration-images", "4", "--bits",
                               "16,4", "-o", folder / "study"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("lenet: float ") != std::string::npos);
  CHECK(result.out.find("4 bit %") < result.out.find("16 bit %"));  // sorted
  CHECK(result.out.find("weight bits given up to 32-bit sums") != std::string::npos);
  const std::string csv = read_text(folder / "study/bits.csv");
  CHECK(std::ranges::count(csv, '\n') == 1 + 48);
  CHECK(csv.starts_with("quantized,scale,zero points,range,bits,accuracy %,"));
  CHECK(csv.find("\nweights,network,symmetric,full,4,") != std::string::npos);
  CHECK(csv.find("\nweights+activations,channel,asymmetric,optimal,16,") != std::string::npos);
  CHECK(csv.find("refused") == std::string::npos);
  CHECK(std::ranges::count(read_text(folder / "study/cost.csv"), '\n') == 1 + 2);
  for (const char* name : {"accuracy_weights", "accuracy_both", "sqnr_weights", "sqnr_both"}) {
    const std::string svg = read_text(folder / ("study/" + std::string(name) + ".svg"));
    CHECK_MESSAGE(svg.find("channel, asymmetric, optimal") != std::string::npos, name);
  }
}

TEST_CASE("system.cli_study_bits.refuses") {
  const TemporaryFolder folder;
  check_refused({"study", "bits", "no/such"}, "no/such");
  check_refused({"study", "bits", "models/lenet"}, "float32");
  check_refused({"study", "bits", kLenetFloat, "--bits", "5"}, "--bits");
  check_refused({"study", "bits", kLenetFloat, "--images", "0"}, "--images");
  write_text(folder / "file", "mine");
  check_refused({"study", "bits", kLenetFloat, "-o", folder / "file"}, (folder / "file").string());
  CHECK(read_text(folder / "file") == "mine");
}

TEST_CASE("system.cli_study_bits.interrupted") {
  const Finished result = run({"study", "bits", kLenetFloat, "--images", "10000000", "--calibration-images", "2"},
                              {.interrupt_after = std::chrono::milliseconds(700)});
  CHECK(result.code == 130);
  CHECK(result.out.empty());
}

}  // namespace
}  // namespace systole::test
