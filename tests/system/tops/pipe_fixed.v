// SPDX-License-Identifier: Apache-2.0
// A pipeline without any handshake on its result: three products a cycle, added two cycles later. An included file
// beside it says how many.
`include "pipe_fixed.vh"
module pipe_fixed (
    input  wire        clock,
    input  wire        resetn,
    input  wire        valid_i,
    input  wire [8*`PIPE_TAPS-1:0] data_i,
    input  wire [8*`PIPE_TAPS-1:0] coef,
    output reg  [17:0] sum
);
  reg [16*`PIPE_TAPS-1:0] product_q;
  integer i;
  reg [17:0] total;
  always @(*) begin
    total = 18'd0;
    for (i = 0; i < `PIPE_TAPS; i = i + 1) total = total + {2'd0, product_q[16*i+:16]};
  end
  always @(posedge clock) begin
    if (!resetn) product_q <= {16 * `PIPE_TAPS{1'b0}};
    else for (i = 0; i < `PIPE_TAPS; i = i + 1) product_q[16*i+:16] <= valid_i ? data_i[8*i+:8] * coef[8*i+:8] : 16'd0;
    sum <= total;
  end
endmodule
