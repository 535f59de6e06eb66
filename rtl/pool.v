// SPDX-License-Identifier: Apache-2.0
// pool: one step of max pooling, max_o = tap_i ? max(best, value_i) : best, best = first_i ? lowest_i : best_i.
//
// A tap that is padding (tap_i = 0) never wins, so a window without any tap gives lowest_i = -2^psum_bits. Combinational. Average pooling needs no step of its
// own: it is the sum of the window, requantized by 1 / count.
module pool #(
    parameter Width = 32
) (
    input  wire                    first_i,
    input  wire                    tap_i,
    input  wire signed [Width-1:0] lowest_i,
    input  wire signed [Width-1:0] best_i,
    input  wire signed [Width-1:0] value_i,
    output wire signed [Width-1:0] max_o
);
  wire signed [Width-1:0] best = first_i ? lowest_i : best_i;

  assign max_o = (tap_i & (value_i > best)) ? value_i : best;
endmodule
