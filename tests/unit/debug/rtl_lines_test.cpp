// SPDX-License-Identifier: Apache-2.0
#include "debug/rtl_lines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

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

/// One netlist for all cases: reading it takes most of the time.
debug::Netlist& netlist() {
  static std::optional<debug::Netlist> read = debug::Netlist::read(accel());
  REQUIRE(read);
  return *read;
}

/// Ends at the registers of that name.
std::vector<debug::RtlLine> behind(const std::vector<std::string>& wrong, const std::vector<std::string>& right,
                                   const std::vector<std::string>& watched) {
  return debug::lines_behind(netlist(), wrong, right, [&watched](const std::string& path) {
    return std::ranges::any_of(watched, [&path](const std::string& name) { return path.ends_with(name); });
  });
}

bool has(const std::vector<debug::RtlLine>& lines, const std::string& module, const std::string& text) {
  return std::ranges::any_of(lines, [&](const debug::RtlLine& line) {
    return line.module == module && line.text.find(text) != std::string::npos;
  });
}

constexpr const char* kCell = "u_array.g_row[1].g_col[3].u_c.";

TEST_CASE("debug.rtl_lines.register_of_a_cell") {
  const auto lines = behind({std::string(kCell) + "act_q"}, {}, {"act_q", "count_q"});
  CHECK(has(lines, "c_unit", "act_q <= act_i;"));
  CHECK(has(lines, "systolic_array", "act_in"));
  CHECK(has(lines, "c_unit", "assign act_o = act_q;"));  // of the cell to the left, whose register was right
  CHECK(has(lines, "output_stage", "step"));             // its enable
  CHECK_FALSE(has(lines, "c_unit", "psum"));
  const auto reset = std::ranges::find_if(lines, [](const debug::RtlLine& line) { return line.constant; });
  REQUIRE(reset != lines.end());
  CHECK(reset->text.find("act_q <= {DWidth{1'b0}}") != std::string::npos);
}

TEST_CASE("debug.rtl_lines.a_cone_ends_at_what_is_watched") {
  const std::string psum = std::string(kCell) + "psum_q";
  const auto narrow = behind({psum}, {}, {"psum_q", "act_q", "weight_q", "step_i", "header_q", "zero_en_i"});
  CHECK(has(narrow, "c_unit", "weight_q * act_i"));
  CHECK(has(narrow, "clamp_add", ""));
  CHECK_FALSE(has(narrow, "stream_fifo", ""));
  CHECK(behind({psum}, {}, {}).size() > narrow.size());
}

TEST_CASE("debug.rtl_lines.output_of_the_top_through_instances") {
  const auto lines = behind({"state_o"}, {}, {"_q"});
  CHECK(has(lines, "ctrl", "assign state_o = state_q;"));
  CHECK(has(lines, "accel", ".state_o(state_o)"));
  CHECK(lines.size() == 2);
}

TEST_CASE("debug.rtl_lines.what_right_signals_depend_on_is_less_suspicious") {
  const auto find = [](const std::vector<debug::RtlLine>& lines) {
    const auto at = std::ranges::find_if(lines, [](const auto& line) { return line.text.starts_with("wire step ="); });
    REQUIRE(at != lines.end());
    return at->suspicion;
  };
  const std::string wrong = "u_output_stage.valid_q", right = std::string(kCell) + "act_q";
  const double alone = find(behind({wrong}, {}, {"_q"}));
  CHECK(alone == doctest::Approx(1));
  CHECK(find(behind({wrong}, {right}, {"_q"})) < alone);
  CHECK(find(behind({wrong, right}, {}, {"_q"})) == doctest::Approx(1));
}

TEST_CASE("debug.rtl_lines.a_wire_is_explained_by_the_wire_before_it") {
  const std::string lane = "u_psum_bank.g_lane[2].u_lane.";
  const std::vector<std::string> watched{lane + "shifted", lane + "sum", lane + "base", "_q"};
  const auto lines = behind({lane + "shifted", lane + "sum"}, {}, watched);
  CHECK(has(lines, "psum_lane", ">>> align_i"));
  CHECK_FALSE(has(lines, "clamp_add", ""));
  // A register took what stood before the edge.
  CHECK(has(behind({lane + "shifted", lane + "acc_q"}, {}, watched), "psum_lane", "acc_q <="));
}

TEST_CASE("debug.rtl_lines.modules_by_their_lines") {
  const auto line = [](const std::string& module, int operators, double suspicion) {
    debug::RtlLine result;
    result.module = module;
    result.operators = operators;
    result.suspicion = suspicion;
    return result;
  };
  const std::vector<debug::RtlLine> lines{line("a", 2, 0.5), line("b", 9, 0.1), line("a", 1, 0.5)};
  CHECK(debug::modules_of(lines) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("debug.rtl_lines.nothing_there") {
  CHECK(behind({"u_array.g_row[4].g_col[0].u_c.act_q"}, {}, {}).empty());
  CHECK(behind({"no_such"}, {}, {}).empty());
  CHECK_FALSE(debug::Netlist::read({}));
  debug::RtlDesign broken = accel();
  const test::TemporaryFolder folder;
  broken.sources = {folder / "missing.v"};
  CHECK_FALSE(debug::Netlist::read(broken));
}

// What accel does not have: concatenated targets, indices, case items, an instance's output in a part of a wire.
TEST_CASE("debug.rtl_lines.every_kind_of_assignment") {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "odd.v") << R"(module inner(input [1:0] x, output [1:0] y);
  assign y = ~x;
endmodule
module odd(input clk, input [1:0] a, input [1:0] i, output [3:0] o);
  reg [3:0] r;
  reg [1:0] m [0:3];
  wire [3:0] w;
  wire lo, hi;
  assign {hi, lo} = a + 2'd1;
  inner u_inner(.x({hi, lo}), .y(w[1:0]));
  assign w[3:2] = m[i];
  always @(posedge clk) begin
    m[a] <= i;
    case (i)
      2'd0: r <= w;
      default: r[0] <= lo;
    endcase
  end
  assign o = r;
endmodule
)";
  std::optional<debug::Netlist> odd =
      debug::Netlist::read({.sources = {folder / "odd.v"}, .top = "odd", .parameters = {}});
  REQUIRE(odd);
  const auto lines = debug::lines_behind(*odd, {"o"}, {}, [](const std::string&) { return false; });
  for (const char* text : {"assign y = ~x", "{hi, lo} = a", "m[i]", "m[a] <= i", "case (i)", "r <= w", "r[0] <= lo"}) {
    CAPTURE(text);
    CHECK(std::ranges::any_of(lines, [text](const auto& l) { return l.text.find(text) != std::string::npos; }));
  }
}

}  // namespace
