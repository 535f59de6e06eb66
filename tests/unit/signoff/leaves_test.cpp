// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/leaves.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
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

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A leaf of its own and a proof of it, with `from` replaced by `to` in either.
struct Leaf {
  Leaf(const std::string& leaf, const std::string& proof) {
    fs::create_directory(folder / "rtl");
    fs::create_directory(folder / "formal");
    base::write_file(folder / "rtl/leaf.v", leaf);
    base::write_file(folder / "formal/leaf.v", proof);
  }
  [[nodiscard]] Evidence prove(bool full = true) const {
    return prove_leaves({.rtl = folder / "rtl", .formal = folder / "formal", .full = full});
  }
  base::TemporaryFolder folder;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const char* const kLeaf = R"(
module leaf #(parameter Width = 4) (input wire clk_i, input wire rst_ni, input wire [Width-1:0] a_i, output reg [Width-1:0] sum_o);
  always @(posedge clk_i or negedge rst_ni) if (!rst_ni) sum_o <= 0; else sum_o <= sum_o + a_i;
endmodule
)";
const char* const kProof = R"(// proof quick: leaf_proof Width=4
// proof full: leaf_proof Width=8
module leaf_proof #(parameter Width = 4) (input wire clk_i, input wire rst_ni, input wire [Width-1:0] a_i, output wire wrong_o);
  wire [Width-1:0] found;
  integer sum;
  always @(posedge clk_i or negedge rst_ni) if (!rst_ni) sum <= 0; else sum <= (sum + a_i) % (1 << Width);
  leaf #(.Width(Width)) u_module (.clk_i(clk_i), .rst_ni(rst_ni), .a_i(a_i), .sum_o(found));
  assign wrong_o = found != sum;
endmodule
)";

TEST_CASE("signoff.leaves.a_leaf_that_equals_its_formula_passes") {
  const Leaf leaf(kLeaf, kProof);
  const Evidence evidence = leaf.prove();
  CHECK(verdict_of(evidence) == Verdict::pass);
  CHECK(evidence.checked == 2);
  CHECK(evidence.figures.front().value == "2 of 2");
  CHECK(leaf.prove(false).checked == 1);
}

TEST_CASE("signoff.leaves.a_difference_is_found_with_its_inputs") {
  const Leaf leaf(replaced(kLeaf, "sum_o + a_i", "(a_i == 9) ? sum_o : sum_o + a_i"), kProof);
  const Evidence evidence = leaf.prove(false);
  CHECK(verdict_of(evidence) == Verdict::fail);
  REQUIRE_FALSE(evidence.findings.empty());
  CHECK(evidence.findings.front().id == "leaves leaf Width=4 differs");
  CHECK(evidence.findings.front().text.find("a_i=0x9") != std::string::npos);
}

TEST_CASE("signoff.leaves.a_proof_that_no_fault_breaks_is_vacuous") {
  const Leaf leaf(kLeaf, replaced(kProof, "found != sum", "1'b0 & (found != sum)"));
  const Evidence evidence = leaf.prove(false);
  CHECK(verdict_of(evidence) == Verdict::fail);
  REQUIRE(evidence.findings.size() == 1);
  CHECK(evidence.findings.front().id == "leaves leaf Width=4 vacuous");
}

TEST_CASE("signoff.leaves.clocks_that_differ_prove_nothing") {
  const Leaf gated(replaced(kLeaf, "@(posedge clk_i", "@(posedge clock"), kProof);
  base::write_file(gated.folder / "rtl/leaf.v", replaced(text_of(gated.folder / "rtl/leaf.v"), "  always",
                                                         "  wire clock = clk_i & ~a_i[0];\n  always"));
  const Evidence evidence = gated.prove(false);
  CHECK(verdict_of(evidence) == Verdict::fail);
  REQUIRE_FALSE(evidence.findings.empty());
  CHECK(evidence.findings.front().id == "leaves leaf Width=4 open");
  CHECK(evidence.findings.front().text == "registers with different clocks");
}

TEST_CASE("signoff.leaves.a_missing_file_is_found") {
  const Leaf leaf(kLeaf, kProof);
  const Evidence evidence =
      prove_leaves({.rtl = leaf.folder / "rtl", .formal = leaf.folder / "formal", .leaves = {"leaf", "twig"}});
  REQUIRE(evidence.findings.size() == 1);
  CHECK(evidence.findings[0].id == "leaves missing twig");
}

TEST_CASE("signoff.leaves.a_missing_module_is_a_finding") {
  const Leaf leaf(replaced(kLeaf, "module leaf", "module other"), kProof);
  const Evidence evidence = leaf.prove(false);
  CHECK(verdict_of(evidence) == Verdict::fail);
  REQUIRE(evidence.findings.size() == 1);
  CHECK(evidence.findings.front().id == "leaves leaf Width=4 unreadable");
}

TEST_CASE("signoff.leaves.lines_that_are_no_proof_are_refused") {
  for (const char* const line : {"// proof quick leaf_proof", "// proof deep: leaf_proof",
                                 "// proof quick:", "// proof quick: leaf_proof Width"}) {
    CAPTURE(line);
    const Leaf leaf(kLeaf, replaced(kProof, "// proof full: leaf_proof Width=8", line));
    try {
      (void)leaf.prove();
      FAIL("not refused");
    } catch (const base::InputError& error) {
      CHECK(std::string(error.what()).find("leaf.v: line 2: ") != std::string::npos);
    }
  }
  const Leaf none(kLeaf, "module leaf_proof; endmodule\n");
  CHECK_THROWS_AS((void)none.prove(), base::InputError);
}

/// Of the first mutant that is named so, in a leaf of that width.
std::optional<BrokenProperty> broken(const Leaf& leaf, const std::string& name, int width = 8) {
  const MutatedDesign design{
      .folder = leaf.folder.path(), .sources = {"top.v", "rtl/leaf.v"}, .top = "top", .parameters = {}};
  base::write_file(leaf.folder / "top.v",
                   fmt::format("module top (input clk_i, input rst_ni, input [{0}:0] a_i, output [{0}:0] sum_o);\n"
                               "  leaf #(.Width({1})) u_leaf (.clk_i(clk_i), .rst_ni(rst_ni), .a_i(a_i), "
                               ".sum_o(sum_o));\nendmodule\n",
                               width - 1, width));
  for (const Mutant& mutant : choose_mutants(design, 10'000, 1)) {
    if (identity(mutant, design.folder).starts_with(name))
      return broken_leaf({.rtl = leaf.folder / "rtl", .formal = leaf.folder / "formal"}, design, mutant);
  }
  FAIL("no mutant " << name);
  return {};
}

TEST_CASE("signoff.leaves.a_mutant_that_differs_from_the_formula_is_told_with_inputs") {
  const Leaf leaf(kLeaf, kProof);
  const auto found = broken(leaf, "leaf inv D[3] ");
  REQUIRE(found.has_value());
  CHECK(found->name == "formula leaf Width=8");
  CHECK(found->inputs.starts_with("cycle 0: "));
  CHECK_FALSE(broken(leaf, "leaf inv D[3] ", 6).has_value());  // of which there is no proof
}

TEST_CASE("signoff.leaves.a_formula_that_the_design_differs_from_kills_nothing") {
  CHECK_FALSE(broken(Leaf(kLeaf, replaced(kProof, "(sum + a_i)", "(sum + a_i + 1)")), "leaf inv D[3] ").has_value());
}

TEST_CASE("signoff.leaves.the_rtl_equals_its_formulas") {
  const Evidence evidence = prove_leaves({.rtl = "rtl", .formal = "formal", .full = test::rounds(1) > 1});
  for (const Finding& finding : evidence.findings) MESSAGE(finding.id << ": " << finding.text);
  MESSAGE(base::terminal_table(evidence.tables.front()));
  CHECK(evidence.checked >= 7);
  CHECK(verdict_of(evidence) == Verdict::pass);
}

TEST_CASE("signoff.leaves.icarus_accepts_the_proofs_in_silence") {
  std::vector<std::string> rtl;
  for (const auto& entry : fs::directory_iterator("rtl")) rtl.push_back(entry.path().string());
  for (const LeafProof& proof : read_proofs("formal")) {
    CAPTURE(proof.top);
    std::vector<std::string> command{"iverilog", "-g2005", "-Wall", "-t", "null", "-s", proof.top};
    for (const std::string& parameter : proof.parameters)
      command.push_back(fmt::format("-P{}.{}", proof.top, parameter));
    command.insert(command.end(), rtl.begin(), rtl.end());
    command.push_back(fmt::format("formal/{}.v", proof.leaf));
    const base::ProcessResult result = base::run_process(command, {.errors_too = true});
    CHECK(result.succeeded);
    CHECK(result.output == "");
  }
}

}  // namespace
}  // namespace systole::signoff
