// SPDX-License-Identifier: Apache-2.0
// pool against docs/numerics.md section 4, accumulate = max: the maximum over taps that are not padding, and the lowest value of the
// psum where there is none. One step: best' = tap ? max(best, value) : best, where best is the lowest value before the first tap.
//
// Proved for all values.
// proof quick: pool_proof Width=32
module pool_proof #(
    parameter Width = 32
) (
    input  wire                    first_i,
    input  wire                    tap_i,
    input  wire signed [Width-1:0] lowest_i,
    input  wire signed [Width-1:0] best_i,
    input  wire signed [Width-1:0] value_i,
    output wire                    wrong_o
);
  reg signed [Width-1:0] best;
  always @* begin
    best = best_i;
    if (first_i) best = lowest_i;
    if (tap_i && best < value_i) best = value_i;
  end

  wire signed [Width-1:0] found;
  pool #(
      .Width(Width)
  ) u_module (
      .first_i(first_i),
      .tap_i(tap_i),
      .lowest_i(lowest_i),
      .best_i(best_i),
      .value_i(value_i),
      .max_o(found)
  );
  assign wrong_o = found != best;
endmodule
