// SPDX-License-Identifier: Apache-2.0
// The bench of fir_bench.cpp in Verilog.
`timescale 1ns / 1ns
module fir_bench;
  reg clk = 1'b0;
  always #1 clk = !clk;
  reg signed [15:0] x = 16'sd0;
  wire signed [31:0] y;
  fir dut (.clk_i(clk), .x_i(x), .y_o(y));

  reg [31:0] draw = 32'd1;
  reg signed [15:0] past[0:8];
  reg signed [31:0] expected;
  integer i, k, wrong;
  initial begin
    wrong = 0;
    for (k = 0; k < 9; k = k + 1) past[k] = 16'sd0;
    for (i = 0; i < 100000; i = i + 1) begin
      draw = draw * 32'd1664525 + 32'd1013904223;
      x = draw[31:16];
      for (k = 8; k > 0; k = k - 1) past[k] = past[k-1];
      past[0] = x;
      @(posedge clk);
      #1;
      expected = 32'sd0;
      for (k = 0; k < 8; k = k + 1) expected = expected + (k + 1) * past[k+1];
      if (i >= 8 && y !== expected) wrong = wrong + 1;
    end
    $display("%0d samples, %0d wrong", i, wrong);
    $finish;
  end
endmodule
