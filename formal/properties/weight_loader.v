// SPDX-License-Identifier: Apache-2.0
// weight_loader against docs/timing.md sections 3 and 5: ready while fewer than two beats wait; what pops a beat; the
// row counter, the full flag and the align shift; row_en_o is the one row that the popped beat belongs to, and none
// without a pop.
//
// Proved for all inputs, of a controller that pops by w8_pop_i only a beat that waits and never together with pop_o,
// which accel.v proves. What the beats hold is for formal/stream_fifo.v.
// proof quick: weight_loader_properties.wrong_o Rows=4
// fault weight_loader: assign wgt_ready_o = ~wgt_count[1]; => assign wgt_ready_o = ~(&wgt_count);
// fault weight_loader: {{(Rows - 1) {1'b0}}, w_pop} << wrow_q => {{(Rows - 2) {1'b0}}, w_pop, w_pop & wgt_count[1]}
// << wrow_q
// fault weight_loader: if (pass_start_i) w_full_q <= 1'b0; => if (pass_start_i & ~w_pop) w_full_q <= 1'b0;
// fault weight_loader: wrow_q == {RowWidth{1'b0}})) align_q => last_row)) align_q
// proof quick: weight_loader_properties.wrong_o Rows=8
// fault weight_loader: pass_start_i ? ~last_pass_i => pass_start_i ? 1'b1
module weight_loader_properties #(
    parameter Rows = 4
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    input  wire            step_i,
    input  wire            wgt_valid_i,
    input  wire [     9:0] wgt_data_i,
    input  wire            w8_pop_i,
    input  wire            more_i,
    input  wire            pass_start_i,
    input  wire            last_pass_i,
    output wire            wrong_o
);
  wire ready, available, arriving, full, pop;
  wire [4:0] beat, align;
  wire [Rows-1:0] row_en;
  weight_loader #(
      .Rows(Rows),
      .BeatWidth(10),
      .AlignWidth(5)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step_i),
      .wgt_valid_i(wgt_valid_i),
      .wgt_ready_o(ready),
      .wgt_data_i(wgt_data_i),
      .w8_pop_i(w8_pop_i),
      .more_i(more_i),
      .pass_start_i(pass_start_i),
      .last_pass_i(last_pass_i),
      .available_o(available),
      .arriving_o(arriving),
      .full_o(full),
      .pop_o(pop),
      .beat_o(beat),
      .row_en_o(row_en),
      .align_o(align)
  );
  reg [2:0] waiting;
  reg [3:0] row;
  reg tile_full, misused;
  reg [4:0] aligned, first_align, second_align;  // of the beats that wait, the oldest first
  wire takes = wgt_valid_i & (waiting < 3'd2);
  wire pops = step_i & (waiting != 3'd0) & (pass_start_i ? ~last_pass_i : more_i & ~tile_full);
  wire leaves = pops | w8_pop_i;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {waiting, row, tile_full, misused} <= 0;
      {aligned, first_align, second_align} <= 0;
    end else begin
      if (w8_pop_i & (pops | waiting == 3'd0)) misused <= 1'b1;
      waiting <= waiting + {2'd0, takes} - {2'd0, leaves};
      if (leaves) first_align <= second_align;
      if (takes) begin
        if (waiting == {2'd0, leaves}) first_align <= wgt_data_i[9:5];
        else second_align <= wgt_data_i[9:5];
      end
      if (pops) row <= (row == Rows - 1) ? 4'd0 : row + 4'd1;
      if (pass_start_i) tile_full <= 1'b0;
      else if (pops & (row == Rows - 1)) tile_full <= 1'b1;
      if (pops & (row == 4'd0)) aligned <= first_align;
    end
  end
  wire [15:0] one_row = pops ? 16'd1 << row : 16'd0;
  wire bad_use = misused | (w8_pop_i & (pops | waiting == 3'd0));
  assign wrong_o = ~bad_use & ((ready != (waiting < 3'd2)) | (available != (waiting != 3'd0)) |
      (arriving != (tile_full | row != 4'd0)) |
      (full != tile_full) | (pop != pops) | (row_en != one_row[Rows-1:0]) | (align != aligned));
endmodule
