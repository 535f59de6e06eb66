// SPDX-License-Identifier: Apache-2.0
// residual_add: sum_o = saturate32(requantize(a_i) + requantize(b_i)), each operand with its own multiplier (docs/numerics.md section 4, add2).
//
// Two steps: products are registered in the first (mul_en_i), rounding, addition and saturation stand combinationally in the
// second (round_en_i).
// Range: each rounded operand fits 34 bits, so their sum fits 35.
module residual_add (
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
    output wire signed [31:0] sum_o
);
  wire signed [63:0] product_a, product_b;
  reg signed [63:0] product_a_q, product_b_q;
  wire signed [33:0] s_a, s_b;
  wire signed [34:0] sum = {s_a[33], s_a} + {s_b[33], s_b};
  wire fits = (sum[34:31] == {4{sum[34]}});

  requantize_mul u_mul_a (
      .en_i(mul_en_i),
      .x_i(a_i),
      .multiply_i(1'b1),
      .m0_i(m_a_i),
      .lshift_i(lshift_a_i),
      .product_o(product_a)
  );
  requantize_mul u_mul_b (
      .en_i(mul_en_i),
      .x_i(b_i),
      .multiply_i(1'b1),
      .m0_i(m_b_i),
      .lshift_i(lshift_b_i),
      .product_o(product_b)
  );

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      product_a_q <= 64'd0;
      product_b_q <= 64'd0;
    end else if (mul_en_i) begin
      product_a_q <= product_a;
      product_b_q <= product_b;
    end
  end

  requantize_round u_round_a (
      .en_i(round_en_i),
      .product_i(product_a_q),
      .multiply_i(1'b1),
      .rule_i(rule_i),
      .n_i(n_a_i),
      .y_o(s_a)
  );
  requantize_round u_round_b (
      .en_i(round_en_i),
      .product_i(product_b_q),
      .multiply_i(1'b1),
      .rule_i(rule_i),
      .n_i(n_b_i),
      .y_o(s_b)
  );
  assign sum_o = fits ? sum[31:0] : {sum[34], {31{~sum[34]}}};
endmodule
