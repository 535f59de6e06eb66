// SPDX-License-Identifier: Apache-2.0
#pragma once
// Maps for Yosys' techmap that cut a flattened module open: what cannot become a gate or a flip-flop turns into cells
// whose ports `expose -evert` makes ports of the module, bit by bit, so that `miter` compares them by name.

namespace systole::signoff {

/// see: a value that both sides must agree on. any: one that both are given, the same. told: a register's value of the
/// design, which the mutant's cell `any` of that name is given. clock: as see.
constexpr const char* kCutCells = R"(
(* blackbox *) module systole_see (input A); endmodule
(* blackbox *) module systole_clock (input A); endmodule
(* blackbox *) module systole_told (input Y); endmodule
(* blackbox *) module systole_any (output Y); endmodule
)";

/// Memories that are written at a rising edge and read at once, registers without reset, products.
constexpr const char* kCutMap = R"(
(* techmap_celltype = "$memrd $memrd_v2" *)
module systole_memrd (CLK, EN, ADDR, DATA, ARST, SRST);
  parameter MEMID = "";
  parameter ABITS = 8;
  parameter WIDTH = 8;
  parameter CLK_ENABLE = 0;
  parameter CLK_POLARITY = 0;
  parameter TRANSPARENT = 0;
  input CLK, EN, ARST, SRST;
  input [ABITS-1:0] ADDR;
  output [WIDTH-1:0] DATA;
  wire _TECHMAP_FAIL_ = CLK_ENABLE;
  genvar i;
  generate
    for (i = 0; i < ABITS; i = i + 1) begin : addr
      (* keep *) systole_see see (.A(ADDR[i]));
    end
    for (i = 0; i < WIDTH; i = i + 1) begin : data
      (* keep *) systole_any any (.Y(DATA[i]));
    end
  endgenerate
endmodule

(* techmap_celltype = "$memwr $memwr_v2" *)
module systole_memwr (CLK, EN, ADDR, DATA);
  parameter MEMID = "";
  parameter ABITS = 8;
  parameter WIDTH = 8;
  parameter CLK_ENABLE = 1;
  parameter CLK_POLARITY = 1;
  parameter PRIORITY = 0;
  parameter PORTID = 0;
  parameter PRIORITY_MASK = 0;
  input CLK;
  input [WIDTH-1:0] EN, DATA;
  input [ABITS-1:0] ADDR;
  wire _TECHMAP_FAIL_ = !CLK_ENABLE || !CLK_POLARITY;
  (* keep *) systole_clock clk (.A(CLK));
  genvar i;
  generate
    for (i = 0; i < ABITS; i = i + 1) begin : addr  // where nothing is written, no address is
      (* keep *) systole_see see (.A(|EN & ADDR[i]));
    end
    for (i = 0; i < WIDTH; i = i + 1) begin : data
      (* keep *) systole_see enable (.A(EN[i]));
      (* keep *) systole_see value (.A(EN[i] & DATA[i]));
    end
  endgenerate
endmodule

(* techmap_celltype = "$dff" *)
module systole_dff (CLK, D, Q);
  parameter WIDTH = 1;
  parameter CLK_POLARITY = 1;
  input CLK;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  wire _TECHMAP_FAIL_ = !CLK_POLARITY;
  (* keep *) systole_clock clk (.A(CLK));
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : bits
      (* keep *) systole_see see (.A(D[i]));
      (* keep *) systole_any any (.Y(Q[i]));
    end
  endgenerate
endmodule

(* techmap_celltype = "$mul" *)
module systole_mul (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;
  genvar i;
  generate
    for (i = 0; i < A_WIDTH; i = i + 1) begin : left
      (* keep *) systole_see see (.A(A[i]));
    end
    for (i = 0; i < B_WIDTH; i = i + 1) begin : right
      (* keep *) systole_see see (.A(B[i]));
    end
    for (i = 0; i < Y_WIDTH; i = i + 1) begin : product
      (* keep *) systole_any any (.Y(Y[i]));
    end
  endgenerate
endmodule
)";

/// Registers with reset, which start from their reset value and show it at once. SAME_STATE: the mutant has none of its
/// own (MUTANT) but takes each step from the design's.
constexpr const char* kRegisterMap = R"(
(* techmap_celltype = "$adff" *)
module systole_adff (CLK, ARST, D, Q);
  parameter WIDTH = 1;
  parameter CLK_POLARITY = 1;
  parameter ARST_POLARITY = 1;
  parameter ARST_VALUE = 0;
  input CLK, ARST;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  wire _TECHMAP_FAIL_ = !CLK_POLARITY;
  wire reset = ARST_POLARITY ? ARST : ~ARST;
  wire [WIDTH-1:0] state;
  wire [WIDTH-1:0] next = reset ? ARST_VALUE : D;
  assign Q = reset ? ARST_VALUE : state;
  (* keep *) systole_clock clk (.A(CLK));
`ifndef MUTANT
  reg [WIDTH-1:0] held = ARST_VALUE;
  always @(posedge CLK) held <= next;
  assign state = held;
`endif
`ifdef SAME_STATE
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : bits
      (* keep *) systole_see see (.A(next[i]));
`ifdef MUTANT
      (* keep *) systole_any any (.Y(state[i]));
`else
      (* keep *) systole_told any (.Y(held[i]));
`endif
    end
  endgenerate
`endif
endmodule
)";

}  // namespace systole::signoff
