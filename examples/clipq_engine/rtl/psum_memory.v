// SPDX-License-Identifier: Apache-2.0
// The sums of one output channel, one for each pixel of the map.
//
// Equation     rdata_o = word[raddr_i]; word[waddr_i] = wdata_i where write_i
// Latency      1 cycle for a read, which sees the word from before a write of the same edge
// Throughput   one read and one write a cycle
// Range        2^AddrWidth words, whatever power-up left in them
module psum_memory #(
    parameter AddrWidth = 10
) (
    input  wire                 clk,
    input  wire [AddrWidth-1:0] raddr_i,
    output reg  signed [31:0]   rdata_o,
    input  wire                 write_i,
    input  wire [AddrWidth-1:0] waddr_i,
    input  wire signed [31:0]   wdata_i
);
  reg signed [31:0] word_q [0:(1<<AddrWidth)-1];
  always @(posedge clk) begin
    rdata_o <= word_q[raddr_i];
    if (write_i) word_q[waddr_i] <= wdata_i;
  end
endmodule
