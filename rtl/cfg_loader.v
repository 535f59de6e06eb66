// SPDX-License-Identifier: Apache-2.0
// cfg_loader: takes the layer's header and, ahead of use, the channel entries of its oc tiles (docs/timing.md sections 2 and 5).
//
// header_o holds the three header beats of the layer, beat b at [128*b +: 128], stable from s1_fin to the next header. Channel beats are counted into columns and
// slots; par_we_o is one-hot over the columns. par_ready_o: the coming oc tile's entries are complete. One beat a cycle.
module cfg_loader #(
    parameter Cols = 8,
    parameter SlotWidth = 3
) (
    input  wire                 clk_i,
    input  wire                 rst_ni,
    // cfg stream
    input  wire                 cfg_valid_i,
    output wire                 cfg_ready_o,
    input  wire [        127:0] cfg_data_i,
    // ctrl
    input  wire                 read_param_i,
    output wire                 s1_fin_o,
    input  wire                 claim_i,
    input  wire                 release_i,
    output wire                 par_ready_o,
    // layer
    output wire [        383:0] header_o,
    // channel table
    output wire [     Cols-1:0] par_we_o,
    output wire [SlotWidth-1:0] par_slot_o
);
  localparam ColWidth = $clog2(Cols);
  localparam [31:0] LastCol = Cols - 1;

  reg [1:0] hdr_q;
  reg [383:0] header_q;
  reg [15:0] par_left_q;
  reg [SlotWidth:0] par_used_q, par_avail_q;
  reg [SlotWidth-1:0] slot_q;
  reg [ColWidth-1:0] col_q;

  wire room = ~par_used_q[SlotWidth];
  wire take = cfg_valid_i & cfg_ready_o;
  wire take_header = take & read_param_i;
  wire take_channel = take & ~read_param_i;
  wire last_col = (col_q == LastCol[ColWidth-1:0]);
  wire complete = take_channel & last_col;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      hdr_q <= 2'd0;
      header_q <= 384'd0;
    end else if (take_header) begin
      hdr_q <= s1_fin_o ? 2'd0 : hdr_q + 2'd1;
      header_q <= {cfg_data_i, header_q[383:128]};
    end
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      par_left_q <= 16'd0;
      par_used_q <= {(SlotWidth + 1) {1'b0}};
      par_avail_q <= {(SlotWidth + 1) {1'b0}};
      slot_q <= {SlotWidth{1'b0}};
      col_q <= {ColWidth{1'b0}};
    end else begin
      // oc_tiles stands in beat 0, which is one place up before beat 2 is shifted in.
      if (s1_fin_o) par_left_q <= header_q[128+95-:16];
      else if (complete) par_left_q <= par_left_q - 16'd1;
      if (take_channel) col_q <= last_col ? {ColWidth{1'b0}} : col_q + 1'b1;
      if (complete) slot_q <= slot_q + 1'b1;
      if (complete & ~release_i) par_used_q <= par_used_q + 1'b1;
      if (release_i & ~complete) par_used_q <= par_used_q - 1'b1;
      if (complete & ~claim_i) par_avail_q <= par_avail_q + 1'b1;
      if (claim_i & ~complete) par_avail_q <= par_avail_q - 1'b1;
    end
  end

  assign cfg_ready_o = read_param_i | ((|par_left_q) & room);
  assign s1_fin_o = take_header & (hdr_q == 2'd2);
  assign par_ready_o = |par_avail_q;
  assign header_o = header_q;
  assign par_we_o = {{(Cols - 1) {1'b0}}, take_channel} << col_q;
  assign par_slot_o = slot_q;
endmodule
