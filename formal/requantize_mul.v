// SPDX-License-Identifier: Apache-2.0
// requantize_mul against the first two lines of requantize, docs/numerics.md section 3:
//   x1 = saturate(x * 2^lshift, -2^31, 2^31 - 1)        product = multiply ? x1 * m0 : x1
//
// Proved for all x, lshift, m0 (the negative ones too), in two steps: without multiplier it is x1, and with one it is m0 times
// what it is without; product_o = 0 while en_i is 0. Multiplication is taken from the language on both sides.
// proof quick: requantize_mul_proof
module requantize_mul_proof (
    input  wire               multiply_i,
    input  wire signed [31:0] x_i,
    input  wire signed [31:0] m0_i,
    input  wire        [ 4:0] lshift_i,
    output wire               wrong_o
);
  localparam signed [63:0] Low = -64'sd2147483648, High = 64'sd2147483647;
  wire signed [63:0] wide = x_i;
  wire signed [63:0] scaled = wide <<< lshift_i;
  wire signed [63:0] x1 = (scaled < Low) ? Low : (scaled > High) ? High : scaled;

  wire signed [63:0] found, found_x1, found_product;
  requantize_mul u_enable (
      .en_i(1'b0),
      .x_i(x_i),
      .multiply_i(multiply_i),
      .m0_i(m0_i),
      .lshift_i(lshift_i),
      .product_o(found)
  );
  requantize_mul u_shift (
      .en_i(1'b1),
      .x_i(x_i),
      .multiply_i(1'b0),
      .m0_i(m0_i),
      .lshift_i(lshift_i),
      .product_o(found_x1)
  );
  requantize_mul u_product (
      .en_i(1'b1),
      .x_i(x_i),
      .multiply_i(1'b1),
      .m0_i(m0_i),
      .lshift_i(lshift_i),
      .product_o(found_product)
  );
  // Of 64 bits of both operands the lower half of the product is the same, signed or not.
  wire [63:0] left = found_x1, right = {{32{m0_i[31]}}, m0_i};
  wire [63:0] product = left * right;
  assign wrong_o = (found != 64'sd0) | (found_x1 != x1) | (found_product != product);
endmodule
