// SPDX-License-Identifier: Apache-2.0
#include "sim/check/output_checker.h"

#include <doctest/doctest.h>

#include <array>

using namespace systole;

TEST_CASE("check.outputs.lane_that_differs") {
  check::OutputChecker checker;
  const std::array<std::int32_t, 4> rtl{1, -2, 3, 4};
  std::array<std::int32_t, 4> golden = rtl;
  CHECK(checker.equal(0, rtl, golden));
  golden[1] = 2;
  CHECK_FALSE(checker.equal(1, rtl, golden));
  CHECK(checker.compared() == 8);
  const auto found = checker.differences(1, 99, rtl, golden);
  REQUIRE(found.size() == 1);
  CHECK(found[0].index == 1);
  CHECK(found[0].rtl == -2);
  CHECK(found[0].golden == 2);
  CHECK(found[0].cycle == 99);
}

TEST_CASE("check.outputs.planted_bit_goes_through_the_comparison") {
  check::OutputChecker checker;
  checker.plant({.at = 7, .index = 1, .bit = 2});
  const std::array<std::int32_t, 2> rtl{1, 5}, golden{1, 1};
  CHECK(checker.equal(7, rtl, golden));
  CHECK_FALSE(checker.equal(8, rtl, golden));
  CHECK_FALSE(checker.equal(7, rtl, rtl));
}

TEST_CASE("check.tensor.coordinate_and_shape") {
  check::TensorChecker checker;
  op::Tensor rtl(2, 3, 4), golden(2, 3, 4);
  CHECK(checker.compare(0, 0, rtl, golden, 10).empty());
  CHECK(checker.compared() == 24);
  rtl.at(1, 2, 3) = 7;
  const auto found = checker.compare(1, 5, rtl, golden, 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].coordinate == "oc 3 oh 1 ow 2");
  CHECK(found[0].rtl == 7);
  CHECK(checker.compare(2, 0, op::Tensor(1, 3, 4), golden, 10).size() == 1);
}

TEST_CASE("check.failure_lines.says_everything") {
  const check::Mismatch mismatch{.checker = check::Checker::registers,
                                 .signal = "u_array.g_row[3].g_col[5].u_c.psum_q",
                                 .cycle = 18204,
                                 .index = 0,
                                 .rtl = 129,
                                 .golden = -127,
                                 .coordinate = "oc 13 oh 4 ow 7 ic 11 kh 1 kw 2"};
  const std::string first =
      "system.lenet.conv2.stall_both  u_array.g_row[3].g_col[5].u_c.psum_q  cycle 18204  oc 13 oh 4 ow 7 ic 11 kh 1 "
      "kw 2  rtl 129  golden -127  seed 7\n";
  check::FailureContext context{
      .test = "system.lenet.conv2.stall_both", .seed = 7, .also = {}, .rerun = "build/systole run models/lenet"};
  CHECK(failure_lines(mismatch, context) == first + "  re-run: build/systole run models/lenet");
  context.also = "3 pins";
  CHECK(failure_lines(mismatch, context) == first + "  also differ: 3 pins\n  re-run: build/systole run models/lenet");
}
