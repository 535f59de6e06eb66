// SPDX-License-Identifier: Apache-2.0
// residual_add against docs/numerics.md section 4, add2: saturate32(s_a + s_b), s_a = requantize(a, rule, 1, m_a, lshift_a, n_a), s_b
// likewise, where the products stand in registers between two steps.
//
// Proved for all sequences of inputs of any length from reset on: the sum, its saturation, and which operand and which step gets what.
// requantize is taken from requantize_mul and requantize_round, whose formulas are proved in files of their own.
// proof quick: residual_add_proof
module residual_add_proof (
    input  wire               clk_i,
    input  wire               rst_ni,
    input  wire               mul_en_i,
    input  wire               round_en_i,
    input  wire        [ 2:0] rule_i,
    input  wire signed [31:0] m_a_i,
    input  wire        [ 4:0] lshift_a_i,
    input  wire        [ 4:0] n_a_i,
    input  wire signed [31:0] m_b_i,
    input  wire        [ 4:0] lshift_b_i,
    input  wire        [ 4:0] n_b_i,
    input  wire signed [31:0] a_i,
    input  wire signed [31:0] b_i,
    output wire               wrong_o
);
  wire signed [63:0] next_a, next_b;
  reg signed [63:0] product_a, product_b;
  wire signed [33:0] s_a, s_b;
  requantize_mul u_mul_a (
      .en_i(mul_en_i),
      .x_i(a_i),
      .multiply_i(1'b1),
      .m0_i(m_a_i),
      .lshift_i(lshift_a_i),
      .product_o(next_a)
  );
  requantize_mul u_mul_b (
      .en_i(mul_en_i),
      .x_i(b_i),
      .multiply_i(1'b1),
      .m0_i(m_b_i),
      .lshift_i(lshift_b_i),
      .product_o(next_b)
  );
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {product_a, product_b} <= 0;
    else if (mul_en_i) {product_a, product_b} <= {next_a, next_b};
  end
  requantize_round u_round_a (
      .en_i(round_en_i),
      .product_i(product_a),
      .multiply_i(1'b1),
      .rule_i(rule_i),
      .n_i(n_a_i),
      .y_o(s_a)
  );
  requantize_round u_round_b (
      .en_i(round_en_i),
      .product_i(product_b),
      .multiply_i(1'b1),
      .rule_i(rule_i),
      .n_i(n_b_i),
      .y_o(s_b)
  );
  localparam signed [39:0] Low = -40'sd2147483648, High = 40'sd2147483647;
  wire signed [39:0] sum = s_a + s_b;
  wire signed [39:0] y = (sum < Low) ? Low : (sum > High) ? High : sum;

  wire signed [31:0] found;
  residual_add u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .mul_en_i(mul_en_i),
      .round_en_i(round_en_i),
      .rule_i(rule_i),
      .m_a_i(m_a_i),
      .lshift_a_i(lshift_a_i),
      .n_a_i(n_a_i),
      .m_b_i(m_b_i),
      .lshift_b_i(lshift_b_i),
      .n_b_i(n_b_i),
      .a_i(a_i),
      .b_i(b_i),
      .sum_o(found)
  );
  assign wrong_o = found != y;
endmodule
