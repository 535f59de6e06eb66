// SPDX-License-Identifier: Apache-2.0
// c_unit: one multiply-accumulate cell of the weight-stationary array.
//
//   mul_r   = w_q * d_in
//   out_reg <= clamp_psum(mul_r + l_in, b)            b as psum_max_i = 2^b - 1
//   d_out   = en ? out_reg : 0                        psum to the cell below
// Activations go right (d_in -> a_out), psums, their enables and weights go down (l_in -> d_out, en_in -> en, w_in -> w_out), one cell a step.
// Behind the active weight w_q stands the shadow weight ws_q: w_en writes it from w_in while w_q is in use; swap_in moves it into w_q (it reads the
// shadow before a write of the same edge). Latency 1 step, throughput one product a step. Registers move with en_pu; zero_en clears en.
//
// Range: DWidth + WWidth bits hold every product; PsumWidth >= DWidth + WWidth (accel checks it), so the exact sum reaches clamp_add.
module c_unit #(
    parameter DWidth = 9,
    parameter WWidth = 9,
    parameter PsumWidth = 32
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    input  wire                        en_pu,
    input  wire                        zero_en,
    input  wire signed [PsumWidth-1:0] psum_max_i,
    input  wire signed [   DWidth-1:0] d_in,
    output wire signed [   DWidth-1:0] a_out,
    input  wire                        w_en,
    output wire                        w_en_out,
    input  wire                        swap_in,
    output wire                        swap_out,
    input  wire signed [   WWidth-1:0] w_in,
    output wire signed [   WWidth-1:0] w_out,
    input  wire                        en_in,
    output reg                         en,
    input  wire                        overflow_in,
    output wire                        overflow_out,
    input  wire signed [PsumWidth-1:0] l_in,
    output wire signed [PsumWidth-1:0] d_out
);
  localparam MulWidth = DWidth + WWidth;

  reg signed [WWidth-1:0] w_q, ws_q;
  reg signed [WWidth-1:0] w_in_q;
  reg signed [DWidth-1:0] d_q;
  reg signed [PsumWidth-1:0] out_reg;
  reg overflow_q;
  reg w_en_q, swap_q;

  wire signed [MulWidth-1:0] mul_r = w_q * d_in;
  wire signed [PsumWidth-1:0] mul_psum;
  wire signed [PsumWidth-1:0] sum;
  wire sum_overflow;

  assign mul_psum = {{(PsumWidth - MulWidth + 1) {mul_r[MulWidth-1]}}, mul_r[MulWidth-2:0]};

  clamp_add #(
      .Width(PsumWidth)
  ) u_clamp_add (
      .a_i(l_in),
      .b_i(mul_psum),
      .max_i(psum_max_i),
      .sum_o(sum),
      .overflow_o(sum_overflow)
  );

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_q <= {WWidth{1'b0}};
      ws_q <= {WWidth{1'b0}};
      w_in_q <= {WWidth{1'b0}};
      d_q <= {DWidth{1'b0}};
      out_reg <= {PsumWidth{1'b0}};
      w_en_q <= 1'b0;
      swap_q <= 1'b0;
      overflow_q <= 1'b0;
      en <= 1'b0;
    end else if (en_pu) begin
      if (swap_in) w_q <= ws_q;
      if (w_en) ws_q <= w_in;
      w_in_q <= w_in;
      d_q <= d_in;
      out_reg <= sum;
      w_en_q <= w_en;
      swap_q <= swap_in;
      overflow_q <= en_in & (overflow_in | sum_overflow);
      en <= en_in & ~zero_en;
    end
  end

  assign a_out = d_q;
  assign w_en_out = w_en_q;
  assign swap_out = swap_q;
  assign w_out = w_in_q;
  assign overflow_out = overflow_q;
  assign d_out = en ? out_reg : {PsumWidth{1'b0}};
endmodule
