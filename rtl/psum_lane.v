// SPDX-License-Identifier: Apache-2.0
// psum_lane: one column of the psum bank: aligns an array psum and accumulates it over the passes of an oc tile.
//
//   sh  = col_i >>> align_i
//   add:  acc = clamp_psum((first ? 0 : bank[pixel]) + sh)         max:  acc = max over taps (pool)
//   add2: acc = sh in the first pass; in the final one acc_o = bank[pixel], operand_b_o = sh
// rd_* belong to the beat one step before wr_* (the bank reads synchronously). A pass that is not final writes acc back; a final one hands it on: acc_o one
// step later. Throughput one pixel a step; the same pixel may come again after 2 steps, and comes after Rows at the earliest. Range: clamp_add.
module psum_lane #(
    parameter PsumWidth = 32,
    parameter Depth = 4096,
    parameter AddrWidth = 12
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
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
    input  wire signed [PsumWidth-1:0] col_i,
    input  wire                        tap_i,
    output wire signed [PsumWidth-1:0] acc_o,
    output wire signed [PsumWidth-1:0] operand_b_o,
    output wire                        overflow_o
);
  reg signed [PsumWidth-1:0] bank[0:Depth-1];
  reg signed [PsumWidth-1:0] bank_q, acc_q, operand_b_q;

  wire signed [PsumWidth-1:0] shifted = col_i >>> align_i;
  wire signed [PsumWidth-1:0] sum, best;
  wire signed [PsumWidth-1:0] acc = max_i ? best : sum;
  wire signed [PsumWidth-1:0] base = first_i ? {PsumWidth{1'b0}} : bank_q;
  wire signed [PsumWidth-1:0] lowest = ~psum_max_i;
  wire sum_overflow;

  clamp_add #(
      .Width(PsumWidth)
  ) u_clamp_add (
      .a_i(base),
      .b_i(shifted),
      .max_i(psum_max_i),
      .sum_o(sum),
      .overflow_o(sum_overflow)
  );

  pool #(
      .Width(PsumWidth)
  ) u_pool (
      .first_i(first_i),
      .tap_i(tap_i),
      .lowest_i(lowest),
      .best_i(bank_q),
      .value_i(shifted),
      .max_o(best)
  );

  always @(posedge clk_i) begin
    if (rd_en_i) bank_q <= bank[rd_pixel_i];
    if (wr_en_i & ~final_i) bank[wr_pixel_i] <= acc;
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q <= {PsumWidth{1'b0}};
      operand_b_q <= {PsumWidth{1'b0}};
    end else if (wr_en_i & final_i) begin
      acc_q <= add2_i ? bank_q : acc;
      operand_b_q <= shifted;
    end
  end

  assign acc_o = acc_q;
  assign operand_b_o = operand_b_q;
  assign overflow_o = wr_en_i & tap_i & sum_overflow & ~max_i & ~add2_i;
endmodule
