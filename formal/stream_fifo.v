// SPDX-License-Identifier: Apache-2.0
// stream_fifo against a queue of two places: what was pushed comes out once, in order, and nothing else; count_o is how many beats are
// in it and never exceeds 2; data_o is the oldest, 0 where there is none; a reset empties it.
//
// Proved for all sequences of pushes, pops, resets and data, of any length, of a user that pushes only while count_o < 2 and pops only
// while count_o > 0. Not proved: what happens after any other push or pop.
// proof quick: stream_fifo_proof Width=37
module stream_fifo_proof #(
    parameter Width = 8
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             push_i,
    input  wire [Width-1:0] data_i,
    input  wire             pop_i,
    output wire             wrong_o
);
  reg [Width-1:0] place_0, place_1;
  integer beats;
  reg misused;
  always @(posedge clk_i or negedge rst_ni) begin : queue
    reg [Width-1:0] next_0, next_1;
    integer next;
    if (!rst_ni) begin
      beats <= 0;
      misused <= 1'b0;
      place_0 <= 0;
      place_1 <= 0;
    end else begin
      next = beats;
      next_0 = place_0;
      next_1 = place_1;
      if ((push_i && beats >= 2) || (pop_i && beats <= 0)) misused <= 1'b1;
      if (pop_i) begin
        next_0 = next_1;
        next = next - 1;
      end
      if (push_i) begin
        if (next == 0) next_0 = data_i;
        else next_1 = data_i;
        next = next + 1;
      end
      beats <= next;
      place_0 <= next_0;
      place_1 <= next_1;
    end
  end

  wire [Width-1:0] data;
  wire [1:0] count;
  stream_fifo #(
      .Width(Width)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .push_i(push_i),
      .data_i(data_i),
      .pop_i(pop_i),
      .data_o(data),
      .count_o(count)
  );
  wire [Width-1:0] oldest = (beats == 0) ? 0 : place_0;
  assign wrong_o = ~misused & ((count != beats) | (beats > 2) | (data != oldest));
endmodule
