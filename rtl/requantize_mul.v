// requantize_mul: first half of requantize (docs/numerics.md section 3):
//   x1 = saturating_shift_left(x_i, lshift_i)        32 bit
//   product_o = multiply_i ? x1 * m0_i : x1          64 bit
//
// Combinational; the user registers product_o. Range: |x1 * m0| <= 2^31 * (2^31 - 1) < 2^62.
module requantize_mul (
    input  wire signed [31:0] x_i,
    input  wire               multiply_i,
    input  wire signed [31:0] m0_i,
    input  wire        [ 4:0] lshift_i,
    output wire signed [63:0] product_o
);
  wire signed [62:0] shifted = {{31{x_i[31]}}, x_i} << lshift_i;
  wire fits = (shifted[62:31] == {32{x_i[31]}});
  wire signed [31:0] x1 = fits ? shifted[31:0] : {x_i[31], {31{~x_i[31]}}};
  wire signed [63:0] x1_wide = {{32{x1[31]}}, x1};
  wire signed [63:0] m0_wide = {{32{m0_i[31]}}, m0_i};

  assign product_o = multiply_i ? x1_wide * m0_wide : x1_wide;
endmodule
