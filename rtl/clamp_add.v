// clamp_add: sum_o = clamp_psum(a_i + b_i, b) = saturate(a_i + b_i, -2^b, 2^b - 1), overflow_o = the clamp changed the sum.
//
// The width b comes as max_i = 2^b - 1 (so -2^b = ~max_i), 0 <= b <= Width-1: decoded once for the whole array, not in every cell.
// Combinational. Range: a Width-bit sum wraps only when both operands have one sign and the sum the other; those two cases are told
// apart before the comparison, so no wider adder is needed. See docs/numerics.md section 2.
module clamp_add #(
    parameter Width = 32
) (
    input  wire signed [Width-1:0] a_i,
    input  wire signed [Width-1:0] b_i,
    input  wire signed [Width-1:0] max_i,
    output wire signed [Width-1:0] sum_o,
    output wire                    overflow_o
);
  wire signed [Width-1:0] min = ~max_i;
  wire signed [Width-1:0] sum = a_i + b_i;
  wire wrap_high = ~a_i[Width-1] & ~b_i[Width-1] & sum[Width-1];
  wire wrap_low = a_i[Width-1] & b_i[Width-1] & ~sum[Width-1];
  wire too_high = wrap_high | (~wrap_low & (sum > max_i));
  wire too_low = wrap_low | (~wrap_high & (sum < min));

  assign sum_o = too_high ? max_i : too_low ? min : sum;
  assign overflow_o = too_high | too_low;
endmodule
