// SPDX-License-Identifier: Apache-2.0
// requantize: requantize_mul and requantize_round without the register between them, so that one evaluation is one requantization.
module requantize (
    input  wire               en_i,
    input  wire signed [31:0] x_i,
    input  wire               multiply_i,
    input  wire        [ 2:0] rule_i,
    input  wire signed [31:0] m0_i,
    input  wire        [ 4:0] lshift_i,
    input  wire        [ 4:0] n_i,
    output wire signed [33:0] y_o
);
  wire signed [63:0] product;

  requantize_mul u_mul (
      .en_i(en_i),
      .x_i(x_i),
      .multiply_i(multiply_i),
      .m0_i(m0_i),
      .lshift_i(lshift_i),
      .product_o(product)
  );
  requantize_round u_round (
      .en_i(en_i),
      .product_i(product),
      .multiply_i(multiply_i),
      .rule_i(rule_i),
      .n_i(n_i),
      .y_o(y_o)
  );
endmodule
