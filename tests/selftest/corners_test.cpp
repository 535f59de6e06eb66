// SPDX-License-Identifier: Apache-2.0
// models/corners meets every item of sim/cover for a reason: for each item a planted fault makes it red, and LeNet,
// where it does not meet the item on this array, passes with that fault. corners.tsv says which fault.
#include "models/train/corners.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "accel/dut/geometry.h"
#include "golden/format/network_file.h"
#include "sim/cover/cover.h"
#include "tests/selftest/faults_run.h"
#include "tests/selftest/pairs.h"

namespace systole::test {
namespace {

signoff::Played run(const Program& program, const std::string& fault, kernel::Stall stall) {
  RunPlan how;
  how.fault = fault;
  how.stall = stall;
  return run_program(program, how);
}

void check_group(std::string_view group) {
  const int rows = accel::geometry_of(*make_faulty_dut("")).rows;
  const Program corners = signoff::glyph_program(train::corners_network(rows));
  const Program lenet = signoff::glyph_program(model::load_network("models/lenet"));
  const signoff::Played clean_lenet = run(lenet, "", kernel::Stall::none);
  CHECK(clean_lenet.outcome == kernel::Outcome::passed);
  const std::map<std::string, std::string> faults = read_pairs("tests/selftest/corners.tsv");
  for (std::size_t i = 0; i < cover::kItemCount; ++i) {
    const cover::ItemText& item = cover::kItems[i];
    if (item.group != group) continue;
    CAPTURE(item.name);
    const auto found = faults.find(std::string(item.name));
    REQUIRE(found != faults.end());
    const std::string& fault = found->second;
    CAPTURE(fault);
    if (group == "stalls") {
      CHECK(run(corners, fault, kernel::Stall::bursts).outcome == kernel::Outcome::mismatch);
      CHECK(run(corners, fault, kernel::Stall::none).outcome == kernel::Outcome::passed);
      continue;
    }
    CHECK(run(corners, fault, kernel::Stall::none).outcome == kernel::Outcome::mismatch);
    const bool lenet_meets = clean_lenet.exercised.count(static_cast<cover::Item>(i)) > 0;
    if (!lenet_meets) CHECK(run(lenet, fault, kernel::Stall::none).outcome == kernel::Outcome::passed);
  }
}

TEST_CASE("selftest.corners.kinds.each_fault_shows") { check_group("kinds"); }
TEST_CASE("selftest.corners.rounding.each_fault_shows") { check_group("rounding"); }
TEST_CASE("selftest.corners.output.each_fault_shows") { check_group("output"); }
TEST_CASE("selftest.corners.operands.each_fault_shows") { check_group("operands"); }
TEST_CASE("selftest.corners.tiling.each_fault_shows") { check_group("tiling"); }
TEST_CASE("selftest.corners.stalls.each_fault_shows") { check_group("stalls"); }

TEST_CASE("selftest.corners.table_names_nothing_else") {
  for (const auto& entry : read_pairs("tests/selftest/corners.tsv")) {
    const std::string& item = entry.first;
    CAPTURE(item);
    CHECK(std::ranges::any_of(cover::kItems, [&](const cover::ItemText& known) { return known.name == item; }));
  }
}

}  // namespace
}  // namespace systole::test
