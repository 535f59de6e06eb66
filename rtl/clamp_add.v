// SPDX-License-Identifier: Apache-2.0
// clamp_add: sum_o = clamp_psum(a_i + b_i, b) = saturate(a_i + b_i, -2^b, 2^b - 1), overflow_o = the clamp changed the sum.
//
// The width b comes as max_i = 2^b - 1 (so -2^b = ~max_i), 0 <= b <= Width-1: decoded once for the whole array, not in every cell.
// Combinational. Range: Width-bit operands; a wrapped sum shows in its sign (both operands have the other one). One comparison finds both sides:
// sum < ~max_i exactly where ~sum > max_i. docs/numerics.md section 2.
module clamp_add #(
    parameter Width = 32
) (
    input  wire signed [Width-1:0] a_i,
    input  wire signed [Width-1:0] b_i,
    input  wire signed [Width-1:0] max_i,
    output wire signed [Width-1:0] sum_o,
    output wire                    overflow_o
);
  wire [Width-1:0] sum = a_i + b_i;
  wire [Width-1:0] magnitude = sum ^ {Width{sum[Width-1]}};
  wire wrapped = (a_i[Width-1] == b_i[Width-1]) & (a_i[Width-1] != sum[Width-1]);
  wire [Width-1:0] bound = max_i ^ {Width{sum[Width-1] ^ wrapped}};

  assign overflow_o = wrapped | (magnitude > $unsigned(max_i));
  assign sum_o = overflow_o ? bound : sum;
endmodule
