// SPDX-License-Identifier: Apache-2.0
// stream_fifo: two-entry FIFO between a valid/ready stream and its user; breaks every combinational path between the two.
//
// A beat is pushed at an edge with push_i (only while count_o < 2) and can be popped (pop_i, only while count_o > 0) from the next cycle on:
// latency 1, throughput one beat a cycle. data_o is the oldest beat, 0 while empty.
module stream_fifo #(
    parameter Width = 8
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             push_i,
    input  wire [Width-1:0] data_i,
    input  wire             pop_i,
    output wire [Width-1:0] data_o,
    output wire [      1:0] count_o
);
  reg [Width-1:0] head_q, tail_q;
  reg [1:0] count_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q  <= {Width{1'b0}};
      tail_q  <= {Width{1'b0}};
      count_q <= 2'd0;
    end else begin
      if (pop_i) head_q <= count_q[1] ? tail_q : push_i ? data_i : {Width{1'b0}};
      else if (push_i & (count_q == 2'd0)) head_q <= data_i;
      if (push_i) tail_q <= data_i;
      if (push_i & ~pop_i) count_q <= count_q + 2'd1;
      else if (pop_i & ~push_i) count_q <= count_q - 2'd1;
    end
  end
  assign data_o  = head_q;
  assign count_o = count_q;
endmodule
