// SPDX-License-Identifier: Apache-2.0
// An instruction word in every cycle, a FIFO that is read by a bit of it; several parameters, one of them a define.
module inst_core #(
    parameter bw  = 4,
    parameter col = 8,
    parameter psum_bw = 16
) (
    input  wire                   clk,
    input  wire                   reset,
    input  wire [33:0]            inst,
    input  wire [bw*col-1:0]      D_xmem,
    output wire [psum_bw*col-1:0] sfp_out,
    output wire                   valid
);
  reg [psum_bw*col-1:0] sum_q;
  reg                   valid_q;
  assign sfp_out = sum_q;
  assign valid   = valid_q;
  integer i;
  always @(posedge clk) begin
    if (reset) begin
      sum_q   <= 0;
      valid_q <= 1'b0;
    end else begin
      valid_q <= inst[0];
      for (i = 0; i < col; i = i + 1)
        if (inst[`INST_ADD])
          sum_q[psum_bw*i+:psum_bw] <= sum_q[psum_bw*i+:psum_bw] + {{(psum_bw-bw){1'b0}}, D_xmem[bw*i+:bw]};
    end
  end
endmodule
