// requantize_round: second half of requantize (docs/numerics.md section 3), from requantize_mul's product:
//   multiply = 0:             y = rule(product, n)
//   multiply = 1, rule != 3:  y = rule(product, 31 + n)
//   multiply = 1, rule  = 3:  y = round_shift_half_away(floor((product + 2^30) / 2^31), n)
//
// Combinational. Range: |y| <= 2^31 + 1, so 34 bits hold it. floor((product + 2^30) / 2^31) needs no saturation:
// with 0 <= m0 < 2^31 it is at most 2^31 - 1 in magnitude.
module requantize_round (
    input  wire signed [63:0] product_i,
    input  wire               multiply_i,
    input  wire        [ 2:0] rule_i,
    input  wire        [ 4:0] n_i,
    output wire signed [33:0] y_o
);
  localparam [2:0] DoubleRounding = 3'd3;

  wire double_rounding = multiply_i & (rule_i == DoubleRounding);
  wire signed [63:0] nudged = product_i + 64'sh4000_0000;
  wire signed [63:0] high_mul = nudged >>> 31;
  wire signed [63:0] x = double_rounding ? high_mul : product_i;
  wire [5:0] shift = (multiply_i & ~double_rounding) ? 6'd31 + {1'b0, n_i} : {1'b0, n_i};
  wire signed [63:0] y;

  round_shift #(
      .Width(64),
      .ShiftWidth(6)
  ) u_round_shift (
      .x_i(x),
      .shift_i(shift),
      .rule_i(rule_i),
      .y_o(y)
  );
  wire [29:0] unused_high;
  assign {unused_high, y_o} = y;
endmodule
