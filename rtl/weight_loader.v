// SPDX-License-Identifier: Apache-2.0
// weight_loader: takes weight beats from the stream and feeds them, row after row, into the array's shadow weights.
//
// Holds the two-entry weight FIFO, the row counter and the pass's align shift; docs/timing.md section 5 has the equations of
// pop_o (= w_pop), arriving_o (= wrow_q != 0 or w_full_q) and full_o (= w_full_q). row_en_o is one-hot: the row that the popped beat belongs to.
// Throughput one row a step; a tile is complete Rows steps after its first row.
module weight_loader #(
    parameter Rows = 8,
    parameter BeatWidth = 69,
    parameter AlignWidth = 5
) (
    input  wire                  clk_i,
    input  wire                  rst_ni,
    input  wire                  step_i,
    // wgt stream
    input  wire                  wgt_valid_i,
    output wire                  wgt_ready_o,
    input  wire [ BeatWidth-1:0] wgt_data_i,
    // from ctrl
    input  wire                  w8_pop_i,
    input  wire                  more_i,
    input  wire                  pass_start_i,
    input  wire                  last_pass_i,
    // to ctrl and the array
    output wire                  available_o,
    output wire                  arriving_o,
    output wire                  full_o,
    output wire                  pop_o,
    output wire [BeatWidth-AlignWidth-1:0] beat_o,
    output wire [      Rows-1:0] row_en_o,
    output wire [AlignWidth-1:0] align_o
);
  localparam RowWidth = $clog2(Rows);
  localparam [31:0] LastRow = Rows - 1;

  reg [RowWidth-1:0] wrow_q;
  reg w_full_q;
  reg [AlignWidth-1:0] align_q;
  wire [BeatWidth-1:0] beat;
  wire [1:0] wgt_count;
  wire w_pop = step_i & available_o & (pass_start_i ? ~last_pass_i : more_i & ~w_full_q);
  wire last_row = (wrow_q == LastRow[RowWidth-1:0]);

  stream_fifo #(
      .Width(BeatWidth)
  ) u_fifo (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .push_i(wgt_valid_i & wgt_ready_o),
      .data_i(wgt_data_i),
      .pop_i(w_pop | w8_pop_i),
      .data_o(beat),
      .count_o(wgt_count)
  );

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wrow_q   <= {RowWidth{1'b0}};
      w_full_q <= 1'b0;
      align_q  <= {AlignWidth{1'b0}};
    end else begin
      if (w_pop) wrow_q <= last_row ? {RowWidth{1'b0}} : wrow_q + 1'b1;
      if (pass_start_i) w_full_q <= 1'b0;
      else if (w_pop & last_row) w_full_q <= 1'b1;
      if (w_pop & (wrow_q == {RowWidth{1'b0}})) align_q <= beat[BeatWidth-1-:AlignWidth];
    end
  end

  assign wgt_ready_o = ~wgt_count[1];
  assign available_o = |wgt_count;
  assign arriving_o = w_full_q | (|wrow_q);
  assign full_o = w_full_q;
  assign pop_o = w_pop;
  assign beat_o = beat[BeatWidth-AlignWidth-1:0];
  assign row_en_o = {{(Rows - 1) {1'b0}}, w_pop} << wrow_q;
  assign align_o = align_q;
endmodule
