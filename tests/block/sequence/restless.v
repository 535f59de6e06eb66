// SPDX-License-Identifier: Apache-2.0
// RTL that ends a run in its own way: how_i 1: a combinational loop that does not come to rest, 2: $stop, 3: $finish in
// each cycle.
module restless (
    input  wire       clk_i,
    input  wire [1:0] how_i,
    output wire       loop_o
);
  wire loop;
  assign loop   = how_i == 2'd1 ? ~loop : 1'b0;
  assign loop_o = loop;
  always @(posedge clk_i) begin
    if (how_i == 2'd2) $stop;
    if (how_i == 2'd3) $finish;
  end
endmodule
