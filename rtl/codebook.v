// SPDX-License-Identifier: Apache-2.0
// codebook: one weight beat to one row of weight operands.
//
//   level_c = codebook mode ? table[low two bits of element c] : element c
//   w_o[c]  = level_c - zero_wgt                                  WgtWidth + 1 bits
// The table (W8, four levels) is written from a beat's first four elements by w8_we_i and stands from the next cycle on. Otherwise combinational.
// Range: a level is WgtWidth bits, signed or not by wgt_signed_i; the difference fits WgtWidth + 1 signed bits (docs/numerics.md section 4).
module codebook #(
    parameter Cols = 8,
    parameter WgtWidth = 8
) (
    input  wire                       clk_i,
    input  wire                       rst_ni,
    input  wire                       codebook_i,
    input  wire                       wgt_signed_i,
    input  wire signed [  WgtWidth:0] zero_wgt_i,
    input  wire                       w8_we_i,
    input  wire [  Cols*WgtWidth-1:0] beat_i,
    output wire [Cols*(WgtWidth+1)-1:0] w_o
);
  reg [WgtWidth-1:0] level0_q, level1_q, level2_q, level3_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      level0_q <= {WgtWidth{1'b0}};
      level1_q <= {WgtWidth{1'b0}};
      level2_q <= {WgtWidth{1'b0}};
      level3_q <= {WgtWidth{1'b0}};
    end else if (w8_we_i) begin
      level0_q <= beat_i[0*WgtWidth+:WgtWidth];
      level1_q <= beat_i[1*WgtWidth+:WgtWidth];
      level2_q <= beat_i[2*WgtWidth+:WgtWidth];
      level3_q <= beat_i[3*WgtWidth+:WgtWidth];
    end
  end

  genvar c;
  generate
    for (c = 0; c < Cols; c = c + 1) begin : g_col
      wire [WgtWidth-1:0] element = beat_i[c*WgtWidth+:WgtWidth];
      wire [WgtWidth-1:0] coded = element[1] ? (element[0] ? level3_q : level2_q) : (element[0] ? level1_q : level0_q);
      wire [WgtWidth-1:0] level = codebook_i ? coded : element;
      wire signed [WgtWidth:0] extended = {wgt_signed_i & level[WgtWidth-1], level};
      assign w_o[c*(WgtWidth+1)+:WgtWidth+1] = extended - zero_wgt_i;
    end
  endgenerate
endmodule
