// SPDX-License-Identifier: Apache-2.0
// One multiply-accumulate cell of a chain.
//
// Equation     psum_o = psum_i + act_i * level_i
// Latency      1 cycle, one sum a cycle
// Range        |act_i * level_i| <= 2^14; the engine's header says why a sum of products fits
module c_unit (
    input  wire               clk,
    input  wire signed [7:0]  act_i,
    input  wire signed [7:0]  level_i,
    input  wire signed [31:0] psum_i,
    output reg  signed [31:0] psum_o
);
  wire signed [15:0] product = act_i * level_i;
  always @(posedge clk) psum_o <= psum_i + {{16{product[15]}}, product};
endmodule
