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

std::string text(const std::vector<Port>& ports) {
  std::string text;
  for (const Port& port : ports) {
    text += (text.empty() ? "" : ", ") + std::string(port.input ? "in " : "out ") + port.name + " " +
            std::to_string(port.bits);
  }
  return text;
}

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
  CHECK(text(ports) == "in clk 1, in five 5, in kind 2, out back 7, out other 1, in data 128");
}

TEST_CASE("scaffold.ports.packed_types_are_as_wide_as_their_parts") {
  const Source source(
      "typedef struct packed { logic [3:0] a; logic b; logic [1:0][2:0] c; } record_t;\n"
      "typedef union packed { logic [7:0] x; logic [1:0][3:0] y; } either_t;\n"
      "module top (input record_t record, input either_t either, input logic [31:0][7:0] bytes,\n"
      "  input logic [1:0][0:3][7:0] more, input record_t [2:0] records);\nendmodule\n");
  const std::vector<Port> ports = ports_of({"top", {source.file}, {}, {}, {}});
  CHECK(text(ports) == "in either 8, in bytes 256, in more 64, in record 11, in records 33");
}

/// As the Verilated class spells them.
TEST_CASE("scaffold.ports.names_that_are_words_of_cpp") {
  const Source source(
      "module top (input delete, input [40:1] \\s.valid , output a__b, output [2:-3] \\class );\n"
      "  assign a__b = delete; assign \\class = 0;\nendmodule\n");
  CHECK(text(ports_of({"top", {source.file}, {}, {}, {}})) ==
        "in __SYM__delete 1, out a___05Fb 1, out __SYM__class 6, in s__02evalid 40");
}

TEST_CASE("scaffold.ports.refusals") {
  CHECK(refusal("module top (inout x); endmodule\n") ==
        "top: port x: expected an input or output that is a packed vector");
  CHECK(refusal("module top (input logic [3:0] x [2]); endmodule\n") ==
        "top: port x: expected an input or output that is a packed vector");
  CHECK(refusal("module top (input real x); endmodule\n") ==
        "top: port x: expected an input or output that is a packed vector");
  CHECK(refusal("module top (input eval); endmodule\n") ==
        "top: port eval: Verilator's class has a member of that name: wrap the module");
  CHECK(refusal("module other (input x); endmodule\n").find("top: Verilator does not take the RTL: Error") == 0);
  CHECK(refusal("module top (input x; endmodule\n").find("top: Verilator does not take the RTL: Error") == 0);
  CHECK(refusal("module top; endmodule\n") == "top: the module has no ports");
}

}  // namespace
}  // namespace systole::scaffold
