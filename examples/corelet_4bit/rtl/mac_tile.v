// SPDX-License-Identifier: Apache-2.0
// One cell of the weight-stationary array. Nibbles and what to do with them go east, sums go south.
//
// Equation     execute: psum_s = psum_n + act * weight one cycle later, act = in_w unsigned, weight as loaded, signed
//              load: the first one after an execute is this cell's weight and goes no further
// Latency      1 cycle east and south
// Range        |act * weight| <= 15 * 8; eight rows stay within 960
module mac_tile (
    input  wire               clk,
    input  wire               reset,
    input  wire        [3:0]  in_w,
    input  wire               load_w,
    input  wire               execute_w,
    input  wire signed [15:0] psum_n,
    output reg         [3:0]  in_e,
    output reg                load_e,
    output reg                execute_e,
    output reg  signed [15:0] psum_s
);
  reg  signed [3:0] weight_q;
  reg               wants_q;  // a weight
  wire signed [8:0] product = $signed({1'b0, in_w}) * weight_q;

  always @(posedge clk) begin
    in_e   <= in_w;
    psum_s <= psum_n + {{7{product[8]}}, product};
    if (load_w && wants_q) weight_q <= in_w;
    if (reset) begin
      load_e    <= 1'b0;
      execute_e <= 1'b0;
      wants_q   <= 1'b1;
    end else begin
      load_e    <= load_w && !wants_q;
      execute_e <= execute_w;
      if (execute_w) wants_q <= 1'b1;
      else if (load_w) wants_q <= 1'b0;
    end
  end
endmodule
