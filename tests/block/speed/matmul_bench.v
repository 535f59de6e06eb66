// SPDX-License-Identifier: Apache-2.0
// The bench of matmul_bench.cpp in Verilog.
`timescale 1ns / 1ns
module matmul_bench;
  reg clk = 1'b0;
  always #1 clk = !clk;
  reg rst_n = 1'b0, valid = 1'b0;
  reg [31:0] a = 32'd0, b = 32'd0;
  wire done;
  wire [511:0] product;
  matmul dut (.clk_i(clk), .rst_ni(rst_n), .valid_i(valid), .a_i(a), .b_i(b), .done_o(done), .c_o(product));

  reg [31:0] draw = 32'd1;
  reg [31:0] as[0:3], bs[0:3];
  reg signed [31:0] expected, element;
  integer i, k, r, c, wrong;
  initial begin
    wrong = 0;
    repeat (3) @(posedge clk);
    #1 rst_n = 1'b1;
    for (i = 0; i < 20000; i = i + 1) begin
      for (k = 0; k < 4; k = k + 1) begin
        draw = draw * 32'd1664525 + 32'd1013904223;
        as[k] = draw;
        draw = draw * 32'd1664525 + 32'd1013904223;
        bs[k] = draw;
        valid = 1'b1;
        a = as[k];
        b = bs[k];
        @(posedge clk);
        #1;
      end
      valid = 1'b0;
      while (!done) begin
        @(posedge clk);
        #1;
      end
      for (r = 0; r < 4; r = r + 1)
        for (c = 0; c < 4; c = c + 1) begin
          expected = 32'sd0;
          for (k = 0; k < 4; k = k + 1) expected = expected + $signed(as[k][8*r+:8]) * $signed(bs[k][8*c+:8]);
          element = product[32*(4*r+c)+:32];
          if (element !== expected) wrong = wrong + 1;
        end
      @(posedge clk);
      #1;
    end
    $display("%0d products, %0d wrong", i, wrong);
    $finish;
  end
endmodule
