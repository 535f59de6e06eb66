// SPDX-License-Identifier: Apache-2.0
// psum_bank: straightens the array's skewed psums into rows of columns and accumulates them, one psum_lane a column.
//
// Column c of the array comes c steps late; the deskew delays it by Cols-1-c more. A beat issued in step k stands complete in step k + Rows + Cols, where wr_*
// describe it; rd_* describe the beat of the step after. Accumulated values leave one step later. docs/timing.md section 7.
module psum_bank #(
    parameter Cols = 8,
    parameter PsumWidth = 32,
    parameter Depth = 4096,
    parameter AddrWidth = 12
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    input  wire                        step_i,
    input  wire [  Cols*PsumWidth-1:0] psum_i,
    input  wire [            Cols-1:0] en_i,
    input  wire [            Cols-1:0] overflow_i,
    input  wire                        rd_en_i,
    input  wire [       AddrWidth-1:0] rd_pixel_i,
    input  wire                        wr_en_i,
    input  wire [       AddrWidth-1:0] wr_pixel_i,
    input  wire                        first_i,
    input  wire                        final_i,
    input  wire                        max_i,
    input  wire                        add2_i,
    input  wire [                 4:0] align_i,
    input  wire signed [PsumWidth-1:0] psum_max_i,
    output wire [  Cols*PsumWidth-1:0] acc_o,
    output wire [  Cols*PsumWidth-1:0] operand_b_o,
    output wire [            Cols-1:0] overflow_o
);
  wire [Cols*PsumWidth-1:0] col;
  wire [2*Cols-1:0] flags, flags_straight;

  skew #(
      .Lanes(Cols),
      .Width(PsumWidth),
      .Reverse(1)
  ) u_deskew (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step_i),
      .data_i(psum_i),
      .data_o(col)
  );
  skew #(
      .Lanes(Cols),
      .Width(2),
      .Reverse(1)
  ) u_deskew_flags (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step_i),
      .data_i(flags),
      .data_o(flags_straight)
  );

  genvar c;
  generate
    for (c = 0; c < Cols; c = c + 1) begin : g_lane
      wire lane_overflow;
      assign flags[2*c+:2] = {overflow_i[c], en_i[c]};
      psum_lane #(
          .PsumWidth(PsumWidth),
          .Depth(Depth),
          .AddrWidth(AddrWidth)
      ) u_lane (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .rd_en_i(rd_en_i & step_i),
          .rd_pixel_i(rd_pixel_i),
          .wr_en_i(wr_en_i & step_i),
          .wr_pixel_i(wr_pixel_i),
          .first_i(first_i),
          .final_i(final_i),
          .max_i(max_i),
          .add2_i(add2_i),
          .align_i(align_i),
          .psum_max_i(psum_max_i),
          .col_i(col[c*PsumWidth+:PsumWidth]),
          .tap_i(flags_straight[2*c]),
          .acc_o(acc_o[c*PsumWidth+:PsumWidth]),
          .operand_b_o(operand_b_o[c*PsumWidth+:PsumWidth]),
          .overflow_o(lane_overflow)
      );
      assign overflow_o[c] = lane_overflow | (wr_en_i & step_i & flags_straight[2*c+1]);
    end
  endgenerate
endmodule
