// SPDX-License-Identifier: Apache-2.0
// From a sum with 10 fraction bits to an int8 output with 5.
//
// Equation     y_o = saturate(floor(x / 32) + (x < 0 ? 1 : 0), relu_i ? 0 : -128, 127) with x = psum_i + bias_i
// Latency      combinational
// Range        the biased sum fits 32 bits (the engine's header)
module output_stage (
    input  wire signed [31:0] psum_i,
    input  wire signed [31:0] bias_i,
    input  wire               relu_i,
    output wire        [7:0]  y_o
);
  /* verilator lint_off UNUSEDSIGNAL */  // the fraction is cut off
  wire signed [31:0] x       = psum_i + bias_i;
  /* verilator lint_on UNUSEDSIGNAL */
`ifdef CLIPQ_ENGINE_BUG
  // The bug of the example's test: toward zero, so that negative multiples of 32 come out one lower.
  wire               up      = x[31] && x[4:0] != 5'd0;
`else
  wire               up      = x[31];
`endif
  wire signed [27:0] rounded = $signed({x[31], x[31:5]}) + $signed({27'd0, up});
  wire        [7:0]  limited = rounded > 28'sd127 ? 8'h7f : rounded < -28'sd128 ? 8'h80 : rounded[7:0];
  assign y_o = relu_i && x[31] ? 8'd0 : limited;
endmodule
