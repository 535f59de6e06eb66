// SPDX-License-Identifier: Apache-2.0
// A FIFO for each column: columns come one cycle after the other and leave side by side.
//
// Equation     valid_o: every column has a sum; sum_o are the oldest ones, which read_i takes
// Latency      a sum is seen one cycle after it came
// Range        2^DepthBits sums a column; whoever sends sees that there is room
module ofifo #(
    parameter DepthBits = 5
) (
    input  wire         clk,
    input  wire         reset,
    input  wire [7:0]   valid_i,
    input  wire [127:0] sum_i,
    input  wire         read_i,
    output wire         valid_o,
    output wire [127:0] sum_o
);
  wire [7:0] filled;
  assign valid_o = &filled;
  genvar c;
  generate
    for (c = 0; c < 8; c = c + 1) begin : g_col
      reg [15:0]        sum_q [0:(1<<DepthBits)-1];
      reg [DepthBits:0] write_q, read_q;
      assign filled[c]         = write_q != read_q;
      assign sum_o[16*c +: 16] = sum_q[read_q[DepthBits-1:0]];
      always @(posedge clk) begin
        if (valid_i[c]) sum_q[write_q[DepthBits-1:0]] <= sum_i[16*c +: 16];
        if (reset) begin
          write_q <= {DepthBits + 1{1'b0}};
          read_q  <= {DepthBits + 1{1'b0}};
        end else begin
          if (valid_i[c]) write_q <= write_q + 1'b1;
          if (read_i && valid_o) read_q <= read_q + 1'b1;
        end
      end
    end
  endgenerate
endmodule
