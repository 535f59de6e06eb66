// SPDX-License-Identifier: Apache-2.0
// A sum of products, shifted right by ten and rounded half to even: a rule that the golden has no name for. in_data_i: activation in bits 23:8, weight
// in 7:0, both signed; last ends the sum, which starts at bias_i.
module dot_even (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        in_valid_i,
    output wire        in_ready_o,
    input  wire [23:0] in_data_i,
    input  wire        in_last_i,
    input  wire [31:0] bias_i,
    output reg         out_valid_o,
    input  wire        out_ready_i,
    output reg  [ 7:0] out_data_o
);

  reg  signed [31:0] sum_q;
  reg                first_q;
  wire signed [31:0] from = first_q ? $signed(bias_i) : sum_q;
  wire signed [31:0] sum = from + $signed(in_data_i[23:8]) * $signed(in_data_i[7:0]);

`ifdef DOT_EVEN_BUG
  wire up = sum[9];  // half up
`else
  wire up = sum[9] & (|sum[8:0] | sum[10]);
`endif
  wire signed [31:0] rounded = (sum >>> 10) + $signed({31'b0, up});
  wire signed [31:0] low = rounded < -32'sd128 ? -32'sd128 : rounded;
  wire signed [31:0] clamped = low > 32'sd127 ? 32'sd127 : low;

  assign in_ready_o = !out_valid_o || out_ready_i;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      out_valid_o <= 1'b0;
      first_q <= 1'b1;
      sum_q <= 32'd0;
      out_data_o <= 8'd0;
    end else begin
      if (out_ready_i) out_valid_o <= 1'b0;
      if (in_valid_i && in_ready_o) begin
        sum_q <= sum;
        first_q <= in_last_i;
        if (in_last_i) begin
          out_valid_o <= 1'b1;
          out_data_o <= clamped[7:0];
        end
      end
    end
  end

endmodule
