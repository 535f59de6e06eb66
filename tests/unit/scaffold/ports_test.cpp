// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/ports.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"

namespace systole::scaffold {
namespace {

struct Source {
  test::TemporaryFolder folder;
  std::string file = folder / "top.sv";
  explicit Source(const std::string& text) { std::ofstream(file) << text; }
};

std::string refusal(const std::string& text) {
  const Source source(text);
  try {
    (void)ports_of({"top", {source.file}, {}, {}, {}});
  } catch (const base::InputError& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("scaffold.ports.widths_follow_parameters_and_types") {
  const Source source(
      "typedef logic [4:0] five_t; typedef enum logic [1:0] {A, B} kind_t;\n"
      "module top #(parameter N = 4) (input clk, input [8*N-1:0] data, input five_t five, input kind_t kind,\n"
      "  output logic [0:6] back, output `NAME);\n  assign back = 0; assign `NAME = 0;\nendmodule\n");
  const std::vector<Port> ports = ports_of({"top", {source.file}, {}, {"NAME=other"}, {"N=16"}});
  REQUIRE(ports.size() == 6);
  CHECK(ports[0].bits == 1);
  CHECK(ports[1].bits == 128);
  CHECK(ports[2].bits == 5);
  CHECK(ports[3].bits == 2);
  CHECK(ports[4].bits == 7);
  CHECK_FALSE(ports[4].input);
  CHECK(ports[5].name == "other");
}

TEST_CASE("scaffold.ports.packed_types_are_as_wide_as_their_parts") {
  const Source source(
      "typedef struct packed { logic [3:0] a; logic b; logic [1:0][2:0] c; } record_t;\n"
      "typedef union packed { logic [7:0] x; logic [1:0][3:0] y; } either_t;\n"
      "module top (input record_t record, input either_t either, input logic [31:0][7:0] bytes,\n"
      "  input logic [1:0][0:3][7:0] more, input record_t [2:0] records);\nendmodule\n");
  const std::vector<Port> ports = ports_of({"top", {source.file}, {}, {}, {}});
  REQUIRE(ports.size() == 5);
  CHECK(ports[0].bits == 11);
  CHECK(ports[1].bits == 8);
  CHECK(ports[2].bits == 256);
  CHECK(ports[3].bits == 64);
  CHECK(ports[4].bits == 33);
}

TEST_CASE("scaffold.ports.refusals") {
  CHECK(refusal("module top (inout x); endmodule\n") ==
        "top: port x: expected an input or output that is a packed vector");
  CHECK(refusal("module top (input logic [3:0] x [2]); endmodule\n") ==
        "top: port x: expected an input or output that is a packed vector");
  CHECK(refusal("module other (input x); endmodule\n").find("top: Verilator does not take the RTL: Error") == 0);
  CHECK(refusal("module top (input x; endmodule\n").find("top: Verilator does not take the RTL: Error") == 0);
  CHECK(refusal("module top; endmodule\n") == "top: the module has no ports");
}

}  // namespace
}  // namespace systole::scaffold
