// SPDX-License-Identifier: Apache-2.0
// c_unit against its equation and docs/numerics.md section 4, one row of the sum over r:
//   psum' = clamp_psum(psum_i + weight * act_i, b)   with a sticky flag of its overflow, where the psum is enabled
// and what moves on with a step: activation, row enable and swap to the right, psum enable and weight down; row_en_i takes weight_i
// into the shadow weight, swap_i the shadow weight of before into use; zero_en_i ends a psum, which is shown as 0. Without step_i all stands.
//
// Proved for all sequences of inputs of any length and all widths b, 0 <= b <= PsumWidth - 1, from reset on. Not proved: bounds that are no
// 2^b - 1. Multiplication is taken from the language on both sides.
// proof quick: c_unit_proof DWidth=9 WWidth=9 PsumWidth=32
module c_unit_proof #(
    parameter DWidth = 9,
    parameter WWidth = 9,
    parameter PsumWidth = 32
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    input  wire                        step_i,
    input  wire                        zero_en_i,
    input  wire        [          4:0] bits_i,
    input  wire signed [   DWidth-1:0] act_i,
    input  wire                        row_en_i,
    input  wire                        swap_i,
    input  wire signed [   WWidth-1:0] weight_i,
    input  wire                        en_i,
    input  wire                        overflow_i,
    input  wire signed [PsumWidth-1:0] psum_i,
    output wire                        wrong_o
);
  localparam Exact = PsumWidth + 2;
  wire allowed = bits_i < PsumWidth;
  wire signed [Exact-1:0] one = 1;
  wire signed [Exact-1:0] high = (one <<< bits_i) - one;
  wire signed [Exact-1:0] low = -(one <<< bits_i);

  reg signed [WWidth-1:0] weight, shadow, weight_down;
  reg signed [DWidth-1:0] act;
  reg signed [PsumWidth-1:0] psum;
  reg overflow, row_en, swap, enabled, misused;
  wire signed [DWidth+WWidth-1:0] product = weight * act_i;
  wire signed [Exact-1:0] x = psum_i + product;
  wire signed [Exact-1:0] y = (x < low) ? low : (x > high) ? high : x;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {weight, shadow, weight_down, act, psum} <= 0;
      {overflow, row_en, swap, enabled, misused} <= 0;
    end else begin
      if (!allowed) misused <= 1'b1;
      if (step_i) begin
        if (swap_i) weight <= shadow;
        if (row_en_i) shadow <= weight_i;
        weight_down <= weight_i;
        act <= act_i;
        row_en <= row_en_i;
        swap <= swap_i;
        psum <= y[PsumWidth-1:0];
        overflow <= en_i && (overflow_i || x != y);
        enabled <= en_i && !zero_en_i;
      end
    end
  end

  wire signed [DWidth-1:0] act_found;
  wire signed [WWidth-1:0] weight_found;
  wire signed [PsumWidth-1:0] psum_found;
  wire row_en_found, swap_found, en_found, overflow_found;
  c_unit #(
      .DWidth(DWidth),
      .WWidth(WWidth),
      .PsumWidth(PsumWidth)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step_i),
      .zero_en_i(zero_en_i),
      .psum_max_i(high[PsumWidth-1:0]),
      .act_i(act_i),
      .act_o(act_found),
      .row_en_i(row_en_i),
      .row_en_o(row_en_found),
      .swap_i(swap_i),
      .swap_o(swap_found),
      .weight_i(weight_i),
      .weight_o(weight_found),
      .en_i(en_i),
      .en_o(en_found),
      .overflow_i(overflow_i),
      .overflow_o(overflow_found),
      .psum_i(psum_i),
      .psum_o(psum_found)
  );
  wire moved = (act_found == act) & (weight_found == weight_down) & (row_en_found == row_en) & (swap_found == swap);
  wire signed [PsumWidth-1:0] shown = enabled ? psum : 0;
  assign wrong_o = ~misused & ~(moved & (en_found == enabled) & (overflow_found == overflow) & (psum_found == shown));
endmodule
