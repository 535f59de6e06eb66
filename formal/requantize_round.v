// SPDX-License-Identifier: Apache-2.0
// requantize_round against the last three lines of requantize, docs/numerics.md section 3, where x is the product:
//   multiply = 0:             y = rule(x, n)
//   multiply = 1, rule != 3:  y = rule(x, 31 + n)
//   multiply = 1, rule  = 3:  y = round_shift_half_away(floor((x + 2^30) / 2^31), n)
// The rules are those of round_shift.v, written out for 66 bits. Rule 3 without a product is no mode: the module rounds as rule 2.
//
// Proved for all products that requantize_mul makes: |x| <= 2^31 without multiplier, |x| <= 2^31 * (2^31 - 1) with one, all n, all
// codes, and en_i; y_o = 0 while en_i is 0. Not proved: greater products, of which y_o cannot hold the result.
// proof full: requantize_round_proof
module requantize_round_proof (
    input  wire               en_i,
    input  wire signed [63:0] product_i,
    input  wire               multiply_i,
    input  wire        [ 2:0] rule_i,
    input  wire        [ 4:0] n_i,
    output wire               wrong_o
);
  localparam signed [65:0] One = 1, Nudge = One <<< 30;
  localparam signed [65:0] Native = One <<< 31;
  localparam signed [65:0] Largest = (One <<< 62) - (One <<< 31);
  wire signed [65:0] exact = product_i;
  wire signed [65:0] limit = multiply_i ? Largest : Native;
  wire allowed = (exact <= limit) & (exact >= -limit);

  wire twice = multiply_i & (rule_i == 3);
  wire signed [65:0] high = (exact + Nudge) >>> 31;
  wire signed [65:0] x = twice ? high : exact;
  wire [5:0] shift = (multiply_i & ~twice) ? 31 + n_i : n_i;

  wire signed [65:0] magnitude = (x < 0) ? -x : x;
  wire signed [65:0] half = (shift == 0) ? 0 : One <<< (shift - 1'b1);
  wire signed [65:0] floor = x >>> shift;
  wire signed [65:0] half_up = (x + half) >>> shift;
  wire signed [65:0] away = (magnitude + half) >>> shift;
  wire signed [65:0] toward = magnitude >>> shift;
  reg signed [65:0] y;
  always @* begin
    case (rule_i)
      0: y = floor;
      1: y = half_up;
      4: y = (x < 0) ? floor + One : floor;
      5: y = (x < 0) ? -toward : toward;
      default: y = (x < 0) ? -away : away;
    endcase
    if (!en_i) y = 0;
  end

  wire signed [33:0] found;
  requantize_round u_module (
      .en_i(en_i),
      .product_i(product_i),
      .multiply_i(multiply_i),
      .rule_i(rule_i),
      .n_i(n_i),
      .y_o(found)
  );
  assign wrong_o = allowed & (found != y);
endmodule
