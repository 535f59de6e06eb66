// SPDX-License-Identifier: Apache-2.0
// models/corners meets every item of sim/cover for a reason: for each item a planted fault makes it red, and LeNet,
// where it does not meet the item, passes with that fault. corners.tsv says which fault.
#include "models/train/corners.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "accel/dut/geometry.h"
#include "golden/format/network_file.h"
#include "sim/cover/cover.h"
#include "tests/selftest/faults_run.h"

namespace systole::test {
namespace {

std::map<std::string, std::string> read_items() {
  std::map<std::string, std::string> faults;
  std::ifstream file("tests/selftest/corners.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos || !faults.emplace(line.substr(0, tab), line.substr(tab + 1)).second) {
      throw std::runtime_error("corners.tsv: expected an item and a fault once: " + line);
    }
  }
  return faults;
}

kernel::Outcome run(const Program& program, const std::string& fault, kernel::Stall stall) {
  RunPlan how;
  how.fault = fault;
  how.stall = stall;
  return run_program(program, how).outcome;
}

/// False for what LeNet meets on no array, whatever its memories hold.
bool lenet_meets(const cover::ItemText& item) {
  static constexpr std::string_view kOthers[] = {"depthwise",
                                                 "avg_pool",
                                                 "add",
                                                 "concat",
                                                 "half_up",
                                                 "half_away",
                                                 "clipq",
                                                 "trunc",
                                                 "floor of a negative fraction",
                                                 "negative tie half_up",
                                                 "negative tie half_away",
                                                 "clipq of a negative multiple",
                                                 "trunc of a negative multiple",
                                                 "left shift",
                                                 "left shift saturates",
                                                 "clamp at act_max",
                                                 "raw",
                                                 "padding top or left",
                                                 "padding bottom or right",
                                                 "padding beside a zero point",
                                                 "padding in max_pool",
                                                 "average without padding",
                                                 "dilation",
                                                 "window unlike in height and width",
                                                 "zero_wgt",
                                                 "unsigned activations",
                                                 "unsigned weights",
                                                 "codebook",
                                                 "align",
                                                 "psum saturation"};
  return item.group != "stalls" && std::ranges::find(kOthers, item.name) == std::end(kOthers);
}

void check_group(std::string_view group) {
  const int rows = accel::geometry_of(*make_faulty_dut("")).rows;
  const Program corners = glyph_program(train::corners_network(rows));
  const Program lenet = glyph_program(model::load_network("models/lenet"));
  const std::map<std::string, std::string> faults = read_items();
  for (const cover::ItemText& item : cover::kItems) {
    if (item.group != group) continue;
    CAPTURE(item.name);
    const auto found = faults.find(std::string(item.name));
    REQUIRE(found != faults.end());
    const std::string& fault = found->second;
    CAPTURE(fault);
    if (group == "stalls") {
      CHECK(run(corners, fault, kernel::Stall::bursts) == kernel::Outcome::mismatch);
      CHECK(run(corners, fault, kernel::Stall::none) == kernel::Outcome::passed);
      continue;
    }
    CHECK(run(corners, fault, kernel::Stall::none) == kernel::Outcome::mismatch);
    if (!lenet_meets(item)) CHECK(run(lenet, fault, kernel::Stall::none) == kernel::Outcome::passed);
  }
}

TEST_CASE("selftest.corners.kinds.each_fault_shows") { check_group("kinds"); }
TEST_CASE("selftest.corners.rounding.each_fault_shows") { check_group("rounding"); }
TEST_CASE("selftest.corners.output.each_fault_shows") { check_group("output"); }
TEST_CASE("selftest.corners.operands.each_fault_shows") { check_group("operands"); }
TEST_CASE("selftest.corners.tiling.each_fault_shows") { check_group("tiling"); }
TEST_CASE("selftest.corners.stalls.each_fault_shows") { check_group("stalls"); }

TEST_CASE("selftest.corners.table_names_nothing_else") {
  for (const auto& [item, fault] : read_items()) {
    CAPTURE(item);
    CHECK(std::ranges::any_of(cover::kItems, [&](const cover::ItemText& known) { return known.name == item; }));
  }
}

}  // namespace
}  // namespace systole::test
