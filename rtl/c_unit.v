// SPDX-License-Identifier: Apache-2.0
// c_unit: one multiply-accumulate cell of the weight-stationary array.
//
//   product = weight_q * act_i
//   psum_q <= clamp_psum(psum_i + product, b)         b as psum_max_i = 2^b - 1
//   psum_o  = en_q ? psum_q : 0                       psum to the cell below
// Activations, row enables and swaps go right (act_i -> act_o), psums, their enables and weights go down (psum_i -> psum_o), one cell a step.
// Behind the active weight weight_q stands the shadow weight shadow_q: row_en_i writes it from weight_i while weight_q is in use; swap_i moves it into
// weight_q (it reads the shadow before a write of the same edge). Latency 1 step, throughput one product a step. Registers move with step_i; zero_en_i
// clears en_q.
//
// Range: DWidth + WWidth bits hold every product; PsumWidth >= DWidth + WWidth (accel checks it), so the exact sum reaches clamp_add.
module c_unit #(
    parameter DWidth = 9,
    parameter WWidth = 9,
    parameter PsumWidth = 32
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    input  wire                        step_i,
    input  wire                        zero_en_i,
    input  wire signed [PsumWidth-1:0] psum_max_i,
    input  wire signed [   DWidth-1:0] act_i,
    output wire signed [   DWidth-1:0] act_o,
    input  wire                        row_en_i,
    output wire                        row_en_o,
    input  wire                        swap_i,
    output wire                        swap_o,
    input  wire signed [   WWidth-1:0] weight_i,
    output wire signed [   WWidth-1:0] weight_o,
    input  wire                        en_i,
    output wire                        en_o,
    input  wire                        overflow_i,
    output wire                        overflow_o,
    input  wire signed [PsumWidth-1:0] psum_i,
    output wire signed [PsumWidth-1:0] psum_o
);
  localparam MulWidth = DWidth + WWidth;

  reg signed [WWidth-1:0] weight_q, shadow_q;
  reg signed [WWidth-1:0] weight_down_q;
  reg signed [DWidth-1:0] act_q;
  reg signed [PsumWidth-1:0] psum_q;
  reg overflow_q;
  reg row_en_q, swap_q, en_q;

  wire signed [MulWidth-1:0] product = weight_q * act_i;
  wire signed [PsumWidth-1:0] product_psum;
  wire signed [PsumWidth-1:0] sum;
  wire sum_overflow;

  assign product_psum = {{(PsumWidth - MulWidth + 1) {product[MulWidth-1]}}, product[MulWidth-2:0]};

  clamp_add #(
      .Width(PsumWidth)
  ) u_clamp_add (
      .a_i(psum_i),
      .b_i(product_psum),
      .max_i(psum_max_i),
      .sum_o(sum),
      .overflow_o(sum_overflow)
  );

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      weight_q <= {WWidth{1'b0}};
      shadow_q <= {WWidth{1'b0}};
      weight_down_q <= {WWidth{1'b0}};
      act_q <= {DWidth{1'b0}};
      psum_q <= {PsumWidth{1'b0}};
      row_en_q <= 1'b0;
      swap_q <= 1'b0;
      overflow_q <= 1'b0;
      en_q <= 1'b0;
    end else if (step_i) begin
      if (swap_i) weight_q <= shadow_q;
      if (row_en_i) shadow_q <= weight_i;
      weight_down_q <= weight_i;
      act_q <= act_i;
      psum_q <= sum;
      row_en_q <= row_en_i;
      swap_q <= swap_i;
      overflow_q <= en_i & (overflow_i | sum_overflow);
      en_q <= en_i & ~zero_en_i;
    end
  end

  assign act_o = act_q;
  assign en_o = en_q;
  assign row_en_o = row_en_q;
  assign swap_o = swap_q;
  assign weight_o = weight_down_q;
  assign overflow_o = overflow_q;
  assign psum_o = en_q ? psum_q : {PsumWidth{1'b0}};
endmodule
