// SPDX-License-Identifier: Apache-2.0
// Types of conv_stream.
package conv_stream_pkg;
  typedef logic signed [7:0]  value_t;
  typedef logic signed [31:0] sum_t;

  /// The word that follows a filter's nine words of weights.
  typedef struct packed {
    logic [26:0] unused;
    logic [4:0]  shift;
    sum_t        bias;
  } output_t;

  // round_half_up(x / 2^shift), limited to [y_min, y_max]. |x| < 2^31; the half needs one bit more.
  function automatic value_t requantized(sum_t x, logic [4:0] shift, value_t y_min, value_t y_max);
    logic signed [32:0] rounded;
    rounded = 33'(x);
    if (shift != 0) rounded = (rounded + (33'sd1 <<< (shift - 1))) >>> shift;
    return rounded < 33'(y_min) ? y_min : rounded > 33'(y_max) ? y_max : rounded[7:0];
  endfunction
endpackage
