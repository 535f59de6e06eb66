// SPDX-License-Identifier: Apache-2.0
// clamp_add against docs/numerics.md section 2: clamp_psum(x, b) = saturate(x, -2^b, 2^b - 1) of the exact sum x = a + b,
// and an overflow bit that is 1 where the value changed.
//
// Proved for all operands and all widths b of the psum, 0 <= b <= Width - 1. Not proved: bounds that are no 2^b - 1.
// proof quick: clamp_add_proof Width=32
module clamp_add_proof #(
    parameter Width = 32
) (
    input  wire signed [Width-1:0] a_i,
    input  wire signed [Width-1:0] b_i,
    input  wire        [      4:0] bits_i,
    output wire                    wrong_o
);
  localparam Exact = Width + 2;
  wire signed [Exact-1:0] one = 1;
  wire signed [Exact-1:0] low = -(one <<< bits_i);
  wire signed [Exact-1:0] high = (one <<< bits_i) - one;
  wire signed [Exact-1:0] x = a_i + b_i;
  wire signed [Exact-1:0] y = (x < low) ? low : (x > high) ? high : x;

  wire signed [Width-1:0] sum;
  wire overflow;
  clamp_add #(
      .Width(Width)
  ) u_module (
      .a_i(a_i),
      .b_i(b_i),
      .max_i(high[Width-1:0]),
      .sum_o(sum),
      .overflow_o(overflow)
  );
  wire allowed = bits_i < Width;
  assign wrong_o = allowed & ((sum != y) | (overflow != (y != x)));
endmodule
