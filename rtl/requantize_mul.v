// SPDX-License-Identifier: Apache-2.0
// requantize_mul: first half of requantize (docs/numerics.md section 3):
//   x1 = saturating_shift_left(x_i, lshift_i)        32 bit
//   product_o = multiply_i ? x1 * m0_i : x1          64 bit
//
// Combinational; the user registers product_o. While en_i is 0, product_o is 0 and nothing toggles. Range: |x1 * m0| <= 2^31 * (2^31 - 1) < 2^62.
module requantize_mul (
    input  wire               en_i,
    input  wire signed [31:0] x_i,
    input  wire               multiply_i,
    input  wire signed [31:0] m0_i,
    input  wire        [ 4:0] lshift_i,
    output reg signed  [63:0] product_o
);
  reg signed [62:0] shifted;
  reg signed [31:0] x1;
  always @* begin
    shifted = 63'sd0;
    x1 = 32'sd0;
    product_o = 64'sd0;
    if (en_i) begin
      shifted = {{31{x_i[31]}}, x_i} << lshift_i;
      x1 = (shifted[62:31] == {32{x_i[31]}}) ? shifted[31:0] : {x_i[31], {31{~x_i[31]}}};
      product_o = {{32{x1[31]}}, x1};
      if (multiply_i) product_o = product_o * {{32{m0_i[31]}}, m0_i};
    end
  end
endmodule
