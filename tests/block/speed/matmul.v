// SPDX-License-Identifier: Apache-2.0
// C = A B, all 4x4, int8 to int32: column k of A and row k of B in four cycles under valid_i; done_o is 1 for a cycle
// when c_o holds the product.
module matmul (
    input  wire         clk_i,
    input  wire         rst_ni,
    input  wire         valid_i,
    input  wire [31:0]  a_i,
    input  wire [31:0]  b_i,
    output reg          done_o,
    output wire [511:0] c_o
);
  reg [1:0] step_q;
  reg signed [31:0] c_q[0:15];
  integer r, c;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q <= 2'd0;
      done_o <= 1'b0;
    end else begin
      done_o <= valid_i && step_q == 2'd3;
      if (valid_i) step_q <= step_q + 2'd1;
    end
  end
  always @(posedge clk_i)
    if (valid_i)
      for (r = 0; r < 4; r = r + 1)
        for (c = 0; c < 4; c = c + 1)
          c_q[4*r+c] <= (step_q == 2'd0 ? 32'sd0 : c_q[4*r+c]) + $signed(a_i[8*r+:8]) * $signed(b_i[8*c+:8]);
  genvar g;
  generate
    for (g = 0; g < 16; g = g + 1) begin : g_out
      assign c_o[32*g+:32] = c_q[g];
    end
  endgenerate
endmodule
