// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/equivalence.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/choice.h"

namespace systole::signoff {
namespace {

/// `one` is 1 from reset on, `hidden_q` is never shown, of `word_q` the low half alone.
const char* const kDesign = R"(
module both (input wire a_i, input wire b_i, output wire y_o);
  assign y_o = a_i & b_i;
endmodule
module store #(parameter Reset = 1'b1) (input wire clk_i, input wire rst_ni, input wire set_i, output reg q_o);
  always @(posedge clk_i or negedge rst_ni) if (!rst_ni) q_o <= Reset; else q_o <= q_o | set_i;
endmodule
module memory (input wire clk_i, input wire we_i, input wire [1:0] slot_i, input wire [3:0] data_i, output wire [1:0] low_o);
  reg [3:0] words[0:3];
  reg [3:0] word_q;
  always @(posedge clk_i) begin
    if (we_i) words[slot_i] <= data_i;
    word_q <= words[slot_i];
  end
  assign low_o = word_q[1:0];
endmodule
module top (input wire clk_i, input wire slow_clk_i, input wire rst_ni, input wire a_i, input wire [1:0] slot_i, input wire [3:0] data_i,
            output wire y_o, output wire hidden_o, output wire [1:0] low_o);
  parameter Reset = 1'b1;
  wire one;
  reg show_q, hidden_q;
  store #(.Reset(Reset)) u_one (.clk_i(clk_i), .rst_ni(rst_ni), .set_i(a_i), .q_o(one));
  both u_both (.a_i(one), .b_i(a_i), .y_o(y_o));
  memory u_memory (.clk_i(clk_i), .we_i(a_i), .slot_i(slot_i), .data_i(data_i), .low_o(low_o));
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      show_q <= 1'b0;
      hidden_q <= 1'b0;
    end else begin
      show_q <= show_q & a_i;
      hidden_q <= a_i;
    end
  end
  both u_show (.a_i(show_q), .b_i(hidden_q), .y_o(hidden_o));
endmodule
)";

struct Small {
  explicit Small(const std::string& text = kDesign, std::vector<std::string> parameters = {"Reset=1"}) {
    base::write_file(folder / "design.v", text);
    design = {.folder = folder.path(), .sources = {"design.v"}, .top = "top", .parameters = std::move(parameters)};
  }
  /// At a port of a cell; `cell` is a name or how one begins.
  [[nodiscard]] Mutant mutant(const std::string& mode, const std::string& module, const std::string& cell,
                              const std::string& port, const std::string& bit = "0",
                              const std::string& wire = "") const {
    for (Mutant& m : choose_mutants(design, 100'000, 1)) {
      const bool here = m.mode == mode && m.module == module && m.cell.starts_with(cell) && m.port == port &&
                        (wire.empty() || m.wire == wire);
      if (here && std::to_string(m.bit) == bit) return m;
    }
    FAIL(mode << " " << module << " " << cell << " " << port);
    return {};
  }
  [[nodiscard]] std::optional<Proof> prove(const Mutant& mutant, std::vector<KeptVariable> observed = {}) const {
    return prove_equivalent(design, mutant, std::chrono::seconds(60), observed);
  }

  base::TemporaryFolder folder;
  MutatedDesign design;
};

TEST_CASE("signoff.equivalence.a_constant_register_is_known") {
  const Small small;
  const auto proof = small.prove(small.mutant("const1", "top", "u_both", "a_i"));
  REQUIRE(proof);
  CHECK(proof->method == ProofMethod::same_steps);
  CHECK(proof->module == "top");
  CHECK_FALSE(small.prove(small.mutant("const0", "top", "u_both", "a_i")));
  CHECK_FALSE(small.prove(small.mutant("inv", "top", "u_both", "a_i")));
}

TEST_CASE("signoff.equivalence.reset_values_count") {
  const Small small(kDesign, {"Reset=0"});
  CHECK_FALSE(small.prove(small.mutant("const1", "top", "u_both", "a_i")));
}

TEST_CASE("signoff.equivalence.every_instance_must_agree") {
  // In u_both a_i is 1 for ever, in u_show it is 0.
  const Small small;
  CHECK_FALSE(small.prove(small.mutant("const1", "both", "$and", "A")));
  std::string text = kDesign;
  text.replace(text.find(".a_i(show_q)"), 12, ".a_i(one)   ");
  const Small other(text);
  const auto proof = other.prove(other.mutant("const1", "both", "$and", "A"));
  REQUIRE(proof);
  CHECK(proof->module == "top");
}

TEST_CASE("signoff.equivalence.what_is_observed_must_agree") {
  const Small small;
  const Mutant output = small.mutant("inv", "top", "$procdff", "Q", "0", "hidden_q");
  const auto proof = small.prove(output);
  REQUIRE(proof);
  CHECK(proof->method == ProofMethod::same_steps);
  CHECK_FALSE(small.prove(output, {{"top", "hidden_q"}}));

  const Mutant input = small.mutant("inv", "top", output.cell, "D");
  const auto other = small.prove(input);
  REQUIRE(other);
  CHECK(other->method == ProofMethod::same_outputs);
  CHECK_FALSE(small.prove(input, {{"top", "hidden_q"}}));
}

TEST_CASE("signoff.equivalence.memories_are_given_the_same") {
  const Small small;
  CHECK_FALSE(small.prove(small.mutant("const0", "top", "u_memory", "we_i")));
  CHECK_FALSE(small.prove(small.mutant("inv", "top", "u_memory", "data_i", "1")));
  CHECK_FALSE(small.prove(small.mutant("inv", "top", "u_memory", "slot_i", "1")));
}

TEST_CASE("signoff.equivalence.clocks_are_part_of_it") {
  const Small small;
  CHECK_FALSE(small.prove(small.mutant("inv", "top", "u_one", "clk_i")));
  CHECK_FALSE(small.prove(small.mutant("const1", "top", "u_memory", "clk_i")));
  std::string text = kDesign;
  text.replace(text.find("u_one (.clk_i(clk_i)"), 20, "u_one (.clk_i(slow_clk_i)");
  const Small two(text);
  CHECK_FALSE(two.prove(two.mutant("const1", "top", "u_both", "a_i")));
}

TEST_CASE("signoff.equivalence.a_mutant_of_another_design_is_no_proof") {
  const Small small;
  Mutant mutant = small.mutant("const1", "top", "u_both", "a_i");
  mutant.options.replace(mutant.options.find("u_both"), 6, "u_none");
  CHECK_FALSE(small.prove(mutant));
}

TEST_CASE("signoff.equivalence.modules_around_a_module") {
  const std::string netlist =
      "module \\top\n  cell \\left \\u_l\n  end\n  cell \\right \\u_r\n  end\nend\n"
      "module \\left\n  cell \\leaf \\u\n  end\nend\n"
      "module \\right\n  cell \\inner \\u\n  end\nend\n"
      "module \\inner\n  cell \\leaf \\u\n  end\n  cell $and $1\n  end\nend\n"
      "module \\leaf\nend\n";
  CHECK(modules_around(netlist, "\\leaf", "\\top") == std::vector<std::string>{"\\leaf", "\\top"});
  CHECK(modules_around(netlist, "\\inner", "\\top") == std::vector<std::string>{"\\inner", "\\right", "\\top"});
  CHECK(modules_around(netlist, "\\top", "\\top") == std::vector<std::string>{"\\top"});
}

}  // namespace
}  // namespace systole::signoff
