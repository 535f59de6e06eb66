// SPDX-License-Identifier: Apache-2.0
// codebook against docs/timing.md section 1 and docs/numerics.md section 4: an element's low two bits choose the level
// of that number, of the levels that were written last (0 after reset); without codebook mode the element itself is
// the level; the operand is level - zero_wgt.
//
// Proved for all inputs and any run of writes.
// proof quick: codebook_properties.wrong_o Cols=4 WgtWidth=8
// fault codebook: level3_q <= beat_i[3*WgtWidth+:WgtWidth]; => level3_q <= beat_i[2*WgtWidth+:WgtWidth];
// fault codebook: wgt_signed_i & level[WgtWidth-1] => level[WgtWidth-1]
// fault codebook: element[0] ? level1_q : level0_q => element[0] ? level0_q : level1_q
// proof full: codebook_properties.wrong_o Cols=8 WgtWidth=4
// fault codebook: end else if (w8_we_i) begin => end else if (w8_we_i & codebook_i) begin
module codebook_properties #(
    parameter Cols = 4,
    parameter WgtWidth = 8
) (
    input  wire                       clk_i,
    input  wire                       rst_ni,
    input  wire                       codebook_i,
    input  wire                       wgt_signed_i,
    input  wire signed [  WgtWidth:0] zero_wgt_i,
    input  wire                       w8_we_i,
    input  wire [  Cols*WgtWidth-1:0] beat_i,
    output wire                       wrong_o
);
  wire [Cols*(WgtWidth+1)-1:0] found;
  codebook #(
      .Cols(Cols),
      .WgtWidth(WgtWidth)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .codebook_i(codebook_i),
      .wgt_signed_i(wgt_signed_i),
      .zero_wgt_i(zero_wgt_i),
      .w8_we_i(w8_we_i),
      .beat_i(beat_i),
      .w_o(found)
  );
  reg [4*WgtWidth-1:0] levels;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) levels <= 0;
    else if (w8_we_i) levels <= beat_i[4*WgtWidth-1:0];
  end
  reg [Cols-1:0] wrong;
  reg [WgtWidth-1:0] level;
  integer c, value;
  always @* begin
    for (c = 0; c < Cols; c = c + 1) begin
      level = beat_i[c*WgtWidth+:WgtWidth];
      if (codebook_i) level = levels >> (level[1:0] * WgtWidth);
      value = level;
      if (wgt_signed_i && level[WgtWidth-1]) value = value - (1 << WgtWidth);
      value = value - zero_wgt_i;
      wrong[c] = found[c*(WgtWidth+1)+:WgtWidth+1] != value[WgtWidth:0];
    end
  end
  assign wrong_o = |wrong;
endmodule
