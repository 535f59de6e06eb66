// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/mutant.h"
#include "signoff/mutants/mutated_text.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

std::vector<Mutant> read(const std::string& text) {
  const base::TemporaryFolder folder;
  base::write_file(folder / "list.txt", text);
  return read_mutants(folder / "list.txt");
}

TEST_CASE("signoff.mutants.modules_have_their_names_of_the_source") {
  CHECK(source_name("ctrl") == "ctrl");
  CHECK(source_name(R"($paramod$0a1b\skew)") == "skew");
  CHECK(source_name(R"($paramod\pool\Width=s32'0001)") == "pool");
}

TEST_CASE("signoff.mutants.a_line_is_a_mutant") {
  const std::vector<Mutant> mutants = read(
      "mutate -mode none\n"
      R"(mutate -mode cnot1 -module $paramod$0a\skew -cell $procdff$7 -port Q -portbit 1 -ctrlbit 2 -wire tap -wirebit 1 )"
      "-src rtl/skew.v:22.26-22.29 -src rtl/skew.v:27.11-30.14 -src rtl/skew.v:0.0-0.0\n");
  REQUIRE(mutants.size() == 1);
  CHECK(mutants[0].mode == "cnot1");
  CHECK(mutants[0].module == "skew");
  CHECK(mutants[0].cell == "$procdff$7");
  CHECK(mutants[0].port == "Q");
  CHECK(mutants[0].wire == "tap");
  CHECK(mutants[0].options.starts_with("-mode cnot1 -module $paramod$0a\\skew "));
  REQUIRE(mutants[0].sources.size() == 2);  // line 0 is no line
  CHECK(mutants[0].sources[1].file == "rtl/skew.v");
  CHECK(mutants[0].sources[1].first == 27);
  CHECK(mutants[0].sources[1].last == 30);
}

TEST_CASE("signoff.mutants.other_text_is_refused_with_its_line") {
  const char* const good = "mutate -mode inv -module m -cell c -port A -portbit 0\n";
  for (const std::string bad :
       {"mutates\n", "mutate -mode inv -module m\n", "mutate -mode inv -module m -cell c -src rtl/x.v\n"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(read(good + bad), base::InputError);
    try {
      (void)read(good + bad);
    } catch (const base::InputError& error) {
      CHECK(std::string(error.what()).find("list.txt: line 2: ") != std::string::npos);
    }
  }
}

TEST_CASE("signoff.mutants.design_as_text_and_back") {
  const MutatedDesign design{.folder = "/a folder/x",
                             .sources = {"rtl/top.sv", "../c unit.v"},
                             .top = "top",
                             .parameters = {"Rows=4"},
                             .options = {"-DFAST=1", "-Iinclude"}};
  const MutatedDesign back = parse_design(text_of(design), "text");
  CHECK(back.folder == design.folder);
  CHECK(back.sources == design.sources);
  CHECK(back.top == design.top);
  CHECK(back.parameters == design.parameters);
  CHECK(back.options == design.options);
  CHECK_THROWS_AS(static_cast<void>(parse_design("top t\nsources s\n", "text")), base::InputError);
  CHECK_THROWS_AS(static_cast<void>(parse_design("top t\n", "text")), base::InputError);
}

/// SystemVerilog is read as such, with the design's options; without parameters nobody changes them.
TEST_CASE("signoff.mutants.sources_are_read_with_their_options") {
  const MutatedDesign design{
      .folder = {}, .sources = {"a.v", "b.sv"}, .top = "top", .parameters = {"Rows=4", "Cols=2"}, .options = {"-DX"}};
  CHECK(read_sources(design) ==
        "read_verilog -DX \"a.v\"\nread_verilog -sv -DX \"b.sv\"\nchparam -set Rows 4 -set Cols 2 top\n");
  CHECK(chparam({}, "top").empty());
}

TEST_CASE("signoff.mutants.public_variables_of_a_netlist") {
  const std::vector<KeptVariable> variables = public_variables(
      "`verilator_config\n// public_flat_rd\npublic_flat_rd -module \"skew\" -var \"tap_q\"\nlint_off -rule WIDTH\n");
  CHECK(variables == std::vector<KeptVariable>{{"skew", "tap_q"}});
  CHECK(vlt_text(variables) == "`verilator_config\npublic_flat_rd -module \"*skew*\" -var \"tap_q\"\n");
}

}  // namespace
}  // namespace systole::signoff
