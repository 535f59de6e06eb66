// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/shell_text.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace systole;

dut::TraceSignal signal(std::string scope, std::string name, int bits = 1) {
  return {.scope = std::move(scope), .name = std::move(name), .bits = bits};
}

std::string text_of(const std::vector<dut::TraceSignal>& signals) { return trace::shell_text(signals); }

}  // namespace

TEST_CASE("trace.shell_text.module_for_each_outermost_scope") {
  CHECK(text_of({signal("golden", "state_o", 3), signal("rtl", "act_data_0", 8), signal("golden", "out_last_o")}) ==
        "module golden;\n"
        "  reg [2:0] state_o /*verilator public_flat_rw*/;\n"
        "  reg out_last_o /*verilator public_flat_rw*/;\n"
        "endmodule\n"
        "module rtl;\n"
        "  reg [7:0] act_data_0 /*verilator public_flat_rw*/;\n"
        "endmodule\n");
}

TEST_CASE("trace.shell_text.index_is_a_loop") {
  CHECK(text_of({signal("golden u_array g_row[0] u_c", "weight_q", 9),
                 signal("golden u_array g_row[1] u_c", "weight_q", 9)}) ==
        "module golden;\n"
        "  if (1) begin : u_array\n"
        "    for (genvar i2 = 0; i2 < 2; i2 = i2 + 1) begin : g_row\n"
        "      if (1) begin : u_c\n"
        "        reg [8:0] weight_q /*verilator public_flat_rw*/;\n"
        "      end\n"
        "    end\n"
        "  end\n"
        "endmodule\n");
}

TEST_CASE("trace.shell_text.index_that_is_no_loop") {
  // Not from 0, a gap, other registers, another width: a loop would show other signals than were asked for.
  CHECK_THROWS_AS(text_of({signal("g r[1]", "q")}), std::logic_error);
  CHECK_THROWS_AS(text_of({signal("g r[0]", "q"), signal("g r[2]", "q")}), std::logic_error);
  CHECK_THROWS_AS(text_of({signal("g r[0]", "q"), signal("g r[1]", "d")}), std::logic_error);
  CHECK_THROWS_AS(text_of({signal("g r[0]", "q", 2), signal("g r[1]", "q", 3)}), std::logic_error);
}
