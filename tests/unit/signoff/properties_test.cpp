// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/properties.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/table.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/choice.h"
#include "tests/support/rounds.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

std::string edited(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// A counter up to 5 and a memory.
const char* const kModule = R"(
module block (input wire clk_i, input wire rst_ni, input wire up_i, input wire [1:0] place_i, output wire five_o,
              output wire bit_o);
  reg [2:0] count_q;
  reg words[0:3];
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) count_q <= 0; else if (up_i & ~five_o) count_q <= count_q + 3'd1;
  always @(posedge clk_i) if (up_i & rst_ni) words[place_i] <= 1'b1;
  assign five_o = count_q == 3'd5;
  assign bit_o = words[place_i];
endmodule
)";
const char* const kProperties = R"(// proof quick: block_properties.wrong_o
// fault block: up_i & ~five_o => up_i
// reach quick: block_properties.five_o
// fault block: count_q + 3'd1 => count_q + 3'd0
// proof full: block_properties.lost_o Unused=1
// fault block: <= 1'b1; => <= 1'b0;
module block_properties #(parameter Unused = 0) (
  input wire clk_i, input wire rst_ni, input wire up_i, input wire [1:0] place_i,
  output wire wrong_o, output wire five_o, output wire lost_o);
  wire bit_found;
  block u_module (.clk_i(clk_i), .rst_ni(rst_ni), .up_i(up_i), .place_i(place_i), .five_o(five_o), .bit_o(bit_found));
  (* hierconn *) wire [2:0] \u_module.count_q ;
  assign wrong_o = \u_module.count_q > 3'd5;
  reg [3:0] written;
  always @(posedge clk_i or negedge rst_ni) if (!rst_ni) written <= 0; else if (up_i) written[place_i] <= 1'b1;
  assign lost_o = written[place_i] & ~bit_found;
endmodule
)";

struct Block {
  explicit Block(const std::string& properties, const std::string& module = kModule) {
    fs::create_directory(folder / "rtl");
    fs::create_directory(folder / "properties");
    base::write_file(folder / "rtl/block.v", module);
    base::write_file(folder / "properties/block.v", properties);
  }
  [[nodiscard]] Evidence prove(bool full = false) const {
    return prove_properties(
        {.rtl = folder / "rtl", .properties = folder / "properties", .modules = {"block"}, .full = full});
  }
  base::TemporaryFolder folder;
};

/// The one finding of what is wrong with it.
Finding finding_of(const Block& block, bool full = false) {
  const Evidence evidence = block.prove(full);
  CHECK(verdict_of(evidence) == Verdict::fail);
  REQUIRE(!evidence.findings.empty());
  return evidence.findings.front();
}

TEST_CASE("signoff.properties.what_holds_and_can_be_reached_passes") {
  const Block block(kProperties);
  const Evidence evidence = block.prove(true);
  for (const Finding& finding : evidence.findings) MESSAGE(finding.id << ": " << finding.text);
  CHECK(verdict_of(evidence) == Verdict::pass);
  CHECK(evidence.checked == 3);
  CHECK(evidence.figures.front().value == "3 of 3");
  CHECK(block.prove().checked == 2);
}

TEST_CASE("signoff.properties.a_wrong_one_is_found_with_its_inputs") {
  const Finding finding = finding_of(Block(edited(kProperties, "count_q > 3'd5", "count_q > 3'd3")));
  CHECK(finding.id == "properties block wrong_o wrong");
  CHECK(finding.text.find("up_i=0x1") != std::string::npos);
}

TEST_CASE("signoff.properties.what_cannot_be_reached_is_found") {
  const Block block(kProperties, edited(kModule, "count_q + 3'd1", "count_q + 3'd1 - count_q[2]"));
  const Evidence evidence = block.prove();
  CHECK(std::ranges::count(evidence.findings, "properties block five_o unreachable", &Finding::id) == 1);
}

TEST_CASE("signoff.properties.a_vacuous_one_is_blind") {
  const Finding finding = finding_of(Block(edited(kProperties, "assign wrong_o = ", "assign wrong_o = 1'b0 & ")));
  CHECK(finding.id == "properties block wrong_o blind 1");
  CHECK(finding.text.find("is not seen") != std::string::npos);
}

TEST_CASE("signoff.properties.a_contradictory_assumption_is_blind") {
  CHECK(finding_of(Block(edited(kProperties, "count_q > 3'd5", "count_q > 3'd5 & five_o"))).id ==
        "properties block wrong_o blind 1");
}

/// Which a step of induction alone would take: it never follows a cycle without. A square is 0 or 1 modulo 4.
TEST_CASE("signoff.properties.what_is_always_wrong_is_found") {
  const std::string square =
      "wire [3:0] square = {2'd0, place_i} * {2'd0, place_i};\n"
      "  assign wrong_o = (square[1:0] != 2) ^ ((square[1:0] == 2) & \\u_module.count_q [0]);";
  CHECK(finding_of(Block(edited(kProperties, "assign wrong_o = \\u_module.count_q > 3'd5;", square))).id ==
        "properties block wrong_o wrong");
}

TEST_CASE("signoff.properties.a_fault_that_the_module_has_not_once_is_blind") {
  for (const char* const text : {"up_i | ~five_o", "count_q"}) {
    const Finding finding = finding_of(Block(edited(kProperties, "up_i & ~five_o", text)));
    CHECK(finding.id == "properties block wrong_o blind 1");
    CHECK(finding.text.find("not once in block.v") != std::string::npos);
  }
  CHECK(finding_of(Block(edited(kProperties, "fault block: up_i", "fault brick: up_i"))).id ==
        "properties block wrong_o blind 1");
}

TEST_CASE("signoff.properties.a_fault_that_cannot_be_read_is_no_proof") {
  const Finding finding = finding_of(Block(edited(kProperties, "~five_o => up_i", "~five_o => up_i +* 1")));
  CHECK(finding.id == "properties block wrong_o blind 1");
  CHECK(finding.text.find("ERROR") != std::string::npos);
}

TEST_CASE("signoff.properties.a_wire_that_is_none_of_the_design_is_unreadable") {
  CHECK(finding_of(Block(edited(edited(kProperties, "u_module.count_q ;", "u_module.count ;"), "u_module.count_q >",
                                "u_module.count >")))
            .id == "properties block wrong_o unreadable");
}

TEST_CASE("signoff.properties.a_missing_module_or_output_is_unreadable") {
  CHECK(finding_of(Block(kProperties, edited(kModule, "module block", "module brick"))).id ==
        "properties block wrong_o unreadable");
  CHECK(finding_of(Block(edited(kProperties, "properties.wrong_o", "properties.wrong"))).id ==
        "properties block wrong unreadable");
}

TEST_CASE("signoff.properties.memories_start_with_anything") {
  const Block block(edited(kProperties, "written[place_i] & ~bit_found", "bit_found"),
                    edited(kModule, "<= 1'b1;", "<= 1'b0;"));
  CHECK(finding_of(block, true).id == "properties block lost_o Unused=1 wrong");
}

TEST_CASE("signoff.properties.clocks_that_differ_prove_nothing") {
  const Block gated(kProperties, edited(edited(kModule, "always @(posedge clk_i) if", "always @(posedge clock) if"),
                                        "  reg words", "  wire clock = clk_i & up_i;\n  reg words"));
  const Finding finding = finding_of(gated, true);
  CHECK(finding.id == "properties block lost_o Unused=1 unreadable");
  CHECK(finding.text == "registers with different clocks");
}

TEST_CASE("signoff.properties.a_missing_file_is_found") {
  const Block block(kProperties);
  fs::rename(block.folder / "properties/block.v", block.folder / "properties/brick.v");
  CHECK(finding_of(block).id == "properties missing block");
  fs::remove(block.folder / "properties/brick.v");
  const Evidence none = block.prove();
  CHECK(none.checked == 0);
  CHECK(verdict_of(none) == Verdict::fail);
}

TEST_CASE("signoff.properties.a_missing_tool_is_refused") {
  const Block block(kProperties);
  const std::string path = std::getenv("PATH");
  fs::create_directory(block.folder / "bin");
  for (const char* const tool : {"yosys", "yosys-abc", "prlimit"}) {
    std::string found = base::run_process({"sh", "-c", fmt::format("command -v {}", tool)}).output;
    fs::create_symlink(found.substr(0, found.find('\n')), block.folder / "bin" / tool);
  }
  fs::rename(block.folder / "bin/yosys-abc", block.folder / "yosys-abc");
  ::setenv("PATH", (block.folder / "bin").c_str(), 1);
  CHECK_THROWS_WITH_AS((void)block.prove(), doctest::Contains("yosys-abc"), base::InputError);
  fs::remove(block.folder / "bin/yosys");
  fs::rename(block.folder / "yosys-abc", block.folder / "bin/yosys-abc");
  const Evidence evidence = block.prove();
  ::setenv("PATH", path.c_str(), 1);
  CHECK(verdict_of(evidence) == Verdict::fail);
  CHECK(evidence.findings.front().text.find("apt-get install yosys") != std::string::npos);
}

/// The block as a design, and its mutant `mode` of that bit of the port of a cell in the line that begins so.
struct MutatedBlock : Block {
  using Block::Block;
  [[nodiscard]] MutatedDesign design() const {
    return {.folder = folder.path(), .sources = {"rtl/block.v"}, .top = "block", .parameters = {}};
  }
  [[nodiscard]] Mutant mutant(const std::string& name) const {
    for (const Mutant& mutant : choose_mutants(design(), 10'000, 1))
      if (identity(mutant, folder.path()).starts_with(name)) return mutant;
    FAIL("no mutant " << name);
    return {};
  }
  [[nodiscard]] std::optional<BrokenProperty> broken(const std::string& name) const {
    return broken_property({.rtl = folder / "rtl", .properties = folder / "properties", .modules = {}}, design(),
                           mutant(name));
  }
};

TEST_CASE("signoff.properties.a_mutant_that_breaks_one_is_told_with_inputs_from_reset") {
  const auto broken = MutatedBlock(kProperties).broken("block const0 Y[0] of five_o");
  REQUIRE(broken.has_value());
  CHECK(broken->name == "block wrong_o");
  CHECK(broken->inputs.starts_with("cycle 0: "));
  CHECK(broken->inputs.find("; cycle 6: ") != std::string::npos);  // up from 0 to 6
  CHECK(broken->inputs.find(" n") == std::string::npos);           // registers are no inputs
}

TEST_CASE("signoff.properties.a_mutant_that_no_property_asks_about_breaks_none") {
  const MutatedBlock block(kProperties);
  CHECK_FALSE(block.broken("block inv ADDR[0] at").has_value());
  CHECK_FALSE(block.broken("block const0 DATA[0] of bit_o").has_value());  // of a property of level full
}

/// From 7 the count stays where it is; but no run from reset comes to 7.
TEST_CASE("signoff.properties.a_state_that_no_run_reaches_breaks_none") {
  const MutatedBlock block(kProperties, edited(edited(kModule, "count_q + 3'd1", "count_q + {2'd0, ~seven}"),
                                               "  assign five_o", "  wire seven = count_q == 3'd7;\n  assign five_o"));
  CHECK_FALSE(block.broken("block const0 Y[0] of seven").has_value());
  CHECK(block.broken("block const0 Y[0] of five_o").has_value());
}

TEST_CASE("signoff.properties.one_that_the_design_breaks_too_kills_nothing") {
  const MutatedBlock block(edited(kProperties, "count_q > 3'd5", "count_q > 3'd3"));
  CHECK_FALSE(block.broken("block const0 Y[0] of five_o").has_value());
}

TEST_CASE("signoff.properties.a_module_with_other_parameters_is_another") {
  const std::string module = edited(kModule, "module block (", "module block #(parameter Top = 5) (");
  MutatedBlock block(edited(kProperties, "block u_module", "block #(.Top(6)) u_module"), module);
  CHECK_FALSE(block.broken("block const0 Y[0] of five_o").has_value());
}

TEST_CASE("signoff.properties.lines_that_are_none_are_refused") {
  const std::string fault = "// fault block: up_i & ~five_o => up_i\n";
  for (const char* const line :
       {"", "// fault block up_i => x\n", "// fault block: up_i = x\n", "// fault block: => x\n",
        "// proof quick block_properties.wrong_o\n", "// proof deep: block_properties.wrong_o\n",
        "// proof quick: block_properties\n", "// proof quick: block_properties.wrong_o Width\n"}) {
    CAPTURE(line);
    const Block block(edited(kProperties, fault, line));
    CHECK_THROWS_WITH_AS((void)block.prove(), doctest::Contains("block.v: line "), base::InputError);
  }
  const Block unplanted(edited(kProperties, "// fault block: <= 1'b1; => <= 1'b0;\n", ""));
  CHECK_THROWS_AS((void)unplanted.prove(), base::InputError);
  CHECK_THROWS_AS((void)Block("module block_properties; endmodule\n").prove(), base::InputError);
}

TEST_CASE("signoff.properties.the_rtl_has_them") {
  const Evidence evidence =
      prove_properties({.rtl = "rtl", .properties = "formal/properties", .modules = {}, .full = test::rounds(1) > 1});
  for (const Finding& finding : evidence.findings) MESSAGE(finding.id << ": " << finding.text);
  MESSAGE(base::terminal_table(evidence.tables.front()));
  CHECK(evidence.checked >= 20);
  CHECK(verdict_of(evidence) == Verdict::pass);
}

/// As Verilog. Wires of the design are none for Icarus, which does not join names.
TEST_CASE("signoff.properties.icarus_accepts_them_in_silence") {
  std::vector<std::string> rtl;
  for (const auto& entry : fs::directory_iterator("rtl")) rtl.push_back(entry.path().string());
  std::set<std::string> tops;
  for (const Property& property : read_properties("formal/properties")) {
    if (!tops.insert(property.top).second) continue;
    CAPTURE(property.top);
    std::vector<std::string> command{"iverilog", "-g2005", "-t", "null", "-s", property.top};
    command.insert(command.end(), rtl.begin(), rtl.end());
    command.push_back(fmt::format("formal/properties/{}.v", property.module));
    const base::ProcessResult result = base::run_process(command, {.errors_too = true});
    CHECK(result.succeeded);
    CHECK(result.output == "");
  }
  CHECK(tops.size() >= 10);
}

}  // namespace
}  // namespace systole::signoff
