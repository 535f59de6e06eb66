// SPDX-License-Identifier: Apache-2.0
#include "debug/rtl_lines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

namespace {

using namespace systole;

debug::RtlDesign accel() {
  debug::RtlDesign design{.sources = {}, .top = "accel", .parameters = {"Rows=4", "Cols=4"}};
  for (const auto& entry : std::filesystem::directory_iterator("rtl")) {
    if (entry.path().extension() == ".v") design.sources.push_back(entry.path());
  }
  std::ranges::sort(design.sources);
  return design;
}

/// The first line is in that file and assigns `name`.
void check_first(const std::string& path, const std::string& file, const std::string& module, const std::string& name) {
  const std::vector<debug::RtlLine> lines = lines_behind(path);
  CAPTURE(path);
  REQUIRE_FALSE(lines.empty());
  CAPTURE(lines[0].text);
  CHECK(lines[0].file == file);
  CHECK(lines[0].module == module);
  CHECK(lines[0].text.find(name) != std::string::npos);
  CHECK_FALSE(lines[0].constant);
}

TEST_CASE("debug.rtl_lines.register_of_a_cell") {
  check_first("u_array.g_row[1].g_col[3].u_c.act_q", "rtl/c_unit.v", "c_unit", "act_q <= act_i;");
  const auto lines = lines_behind("u_array.g_row[1].g_col[3].u_c.act_q");
  CHECK(lines.size() == 2);
  CHECK(lines.back().constant);  // its reset
}

TEST_CASE("debug.rtl_lines.output_of_the_top_through_instances") {
  check_first("state_o", "rtl/ctrl.v", "ctrl", "state_o");
  check_first("out_valid_o", "rtl/output_stage.v", "output_stage", "out_valid_o");
}

TEST_CASE("debug.rtl_lines.nothing_there") {
  CHECK(lines_behind("u_array.g_row[4].g_col[0].u_c.act_q").empty());
  CHECK(lines_behind("no_such").empty());
  CHECK(debug::lines_that_write({}, "state_o").empty());
  debug::RtlDesign broken = accel();
  const test::TemporaryFolder folder;
  broken.sources = {folder / "missing.v"};
  CHECK(debug::lines_that_write(broken, "state_o").empty());
}

}  // namespace
