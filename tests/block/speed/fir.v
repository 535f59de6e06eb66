// SPDX-License-Identifier: Apache-2.0
// A filter of eight taps: y_o is the sum of the last eight samples with weights 1 .. 8, two edges after the newest.
module fir (
    input  wire               clk_i,
    input  wire signed [15:0] x_i,
    output reg  signed [31:0] y_o
);
  reg signed [15:0] tap_q[0:7];
  reg signed [31:0] sum;
  integer i;
  always @(*) begin
    sum = 32'sd0;
    for (i = 0; i < 8; i = i + 1) sum = sum + (i + 1) * {{16{tap_q[i][15]}}, tap_q[i]};
  end
  always @(posedge clk_i) begin
    tap_q[0] <= x_i;
    for (i = 1; i < 8; i = i + 1) tap_q[i] <= tap_q[i-1];
    y_o <= sum;
  end
endmodule
