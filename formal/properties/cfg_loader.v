// SPDX-License-Identifier: Apache-2.0
// cfg_loader against docs/timing.md sections 2 to 5: ready in S_READ_PARAM, or while channel beats are left and the
// table has room; the third header beat ends the header, which stands as it was sent; par_we_o is the one column that
// a channel beat belongs to, par_slot_o its slot.
//
// Proved for all inputs, of a user that claims only a tile that is complete and releases only one that it claimed,
// which accel.v proves.
// proof quick: cfg_loader_properties.wrong_o Cols=4 SlotWidth=1
// fault cfg_loader: ((|par_left_q) & room) => (|par_left_q)
// fault cfg_loader: header_q[128+95-:16] => header_q[95-:16]
// fault cfg_loader: {{(Cols - 1) {1'b0}}, take_channel} << col_q => {{(Cols - 1) {1'b0}}, take} << col_q
// fault cfg_loader: if (release_i & ~complete) par_used_q => if (release_i) par_used_q
// proof full: cfg_loader_properties.wrong_o Cols=8 SlotWidth=3
// fault cfg_loader: (hdr_q == 2'd2) => (hdr_q == 2'd1)
// fault cfg_loader: if (claim_i & ~complete) par_avail_q => if (claim_i) par_avail_q
// fault cfg_loader: {cfg_data_i, header_q[383:128]} => {cfg_data_i, header_q[383:129], 1'b0}
// fault cfg_loader: slot_q <= slot_q + 1'b1 => slot_q <= slot_q + 2'd2
module cfg_loader_properties #(
    parameter Cols = 4,
    parameter SlotWidth = 1
) (
    input  wire         clk_i,
    input  wire         rst_ni,
    input  wire         cfg_valid_i,
    input  wire [127:0] cfg_data_i,
    input  wire         read_param_i,
    input  wire         claim_i,
    input  wire         release_i,
    output wire         wrong_o
);
  wire ready, s1_fin, par_ready;
  wire [383:0] header;
  wire [Cols-1:0] par_we;
  wire [SlotWidth-1:0] slot;
  cfg_loader #(
      .Cols(Cols),
      .SlotWidth(SlotWidth)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .cfg_valid_i(cfg_valid_i),
      .cfg_ready_o(ready),
      .cfg_data_i(cfg_data_i),
      .read_param_i(read_param_i),
      .s1_fin_o(s1_fin),
      .claim_i(claim_i),
      .release_i(release_i),
      .par_ready_o(par_ready),
      .header_o(header),
      .par_we_o(par_we),
      .par_slot_o(slot)
  );
  reg [1:0] beats;
  reg [127:0] beat_0, beat_1, beat_2;  // as they were taken, the newest last
  reg [15:0] left;
  reg [SlotWidth+1:0] used, ahead;
  reg [SlotWidth-1:0] tile;
  reg [3:0] column;
  reg misused;
  wire takes = cfg_valid_i & (read_param_i | (left != 0 & used < (1 << SlotWidth)));
  wire ends_header = takes & read_param_i & beats == 2'd2;
  wire ends_tile = takes & ~read_param_i & column == Cols - 1;
  wire bad_use = misused | (claim_i & ahead == 0) | (release_i & used == ahead);
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {beats, beat_0, beat_1, beat_2, left, used, ahead, tile, column, misused} <= 0;
    end else begin
      if (bad_use) misused <= 1'b1;
      if (takes & read_param_i) begin
        beats  <= ends_header ? 2'd0 : beats + 2'd1;
        beat_0 <= beat_1;
        beat_1 <= beat_2;
        beat_2 <= cfg_data_i;
      end
      if (takes & ~read_param_i) column <= ends_tile ? 4'd0 : column + 4'd1;
      if (ends_tile) tile <= tile + 1'b1;
      if (ends_header) left <= beat_1[95:80];
      if (ends_tile) left <= left - 16'd1;
      used  <= used + ends_tile - release_i;
      ahead <= ahead + ends_tile - claim_i;
    end
  end
  wire [15:0] one_column = (takes & ~read_param_i) ? 16'd1 << column : 16'd0;
  assign wrong_o = ~bad_use & ((ready != (read_param_i | (left != 0 & used < (1 << SlotWidth)))) |
      (s1_fin != ends_header) |
      (par_ready != (ahead != 0)) | (par_we != one_column[Cols-1:0]) | (slot != tile) | (header != {beat_2, beat_1,
          beat_0}));
endmodule
