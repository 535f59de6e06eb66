// SPDX-License-Identifier: Apache-2.0
// requantize_round: second half of requantize (docs/numerics.md section 3), from requantize_mul's product:
//   multiply = 0:             y = rule(product, n)
//   multiply = 1, rule != 3:  y = rule(product, 31 + n)
//   multiply = 1, rule  = 3:  y = round_shift_half_away(floor((product + 2^30) / 2^31), n)
//
// Combinational; while en_i is 0, y_o is 0 and nothing toggles. Range: |y| <= 2^31 + 1, so 34 bits hold it. floor((product + 2^30) / 2^31) needs no
// saturation: with 0 <= m0 < 2^31 it is at most 2^31 - 1 in magnitude.
module requantize_round (
    input  wire               en_i,
    input  wire signed [63:0] product_i,
    input  wire               multiply_i,
    input  wire        [ 2:0] rule_i,
    input  wire        [ 4:0] n_i,
    output wire signed [33:0] y_o
);
  localparam [2:0] DoubleRounding = 3'd3;

  wire double_rounding = multiply_i & (rule_i == DoubleRounding);
  wire [5:0] shift = (multiply_i & ~double_rounding) ? 6'd31 + {1'b0, n_i} : {1'b0, n_i};
  reg signed [63:0] x;
  wire signed [63:0] y;
  wire [29:0] unused_high;

  always @* begin
    x = product_i;
    if (en_i & double_rounding) begin
      x = product_i + 64'sh4000_0000;
      x = x >>> 31;
    end
  end

  round_shift #(
      .Width(64),
      .ShiftWidth(6)
  ) u_round_shift (
      .en_i(en_i),
      .x_i(x),
      .shift_i(shift),
      .rule_i(rule_i),
      .y_o(y)
  );
  assign {unused_high, y_o} = y;
endmodule
