// SPDX-License-Identifier: Apache-2.0
// accel: what its modules take for granted of one another (docs/timing.md sections 4 to 7), for all inputs, of any
// header too.
//
// Wires named \u_module.INSTANCE.SIGNAL are those of the design: Yosys joins them by name when it flattens (attribute
// hierconn).
//
// fifos: neither FIFO is pushed while full nor popped while empty, as formal/stream_fifo.v assumes; the beat of levels
// is popped alone, as weight_loader.v assumes.
// proof quick: accel_properties.fifos_wrong_o
// fault weight_loader: assign wgt_ready_o = ~wgt_count[1]; => assign wgt_ready_o = 1'b1;
// fault ctrl: (~codebook_i | wgt_available_i) => (~codebook_i | start_i)
// proof full: accel_properties.fifos_wrong_o
// fault ctrl: if (s2_fin) more_q <= 1'b1; => if (s1_fin_i) more_q <= 1'b1;
//
// banks: only a full activation bank is read or released, as act_buffer.v assumes, and the one that is read is not
// written.
// proof quick: accel_properties.banks_wrong_o
// fault ctrl: wgt_full_i & act_full_i & => wgt_full_i &
// fault act_buffer: act_left_q & ~act_full_q[fill_bank_q] => act_left_q
//
// layers: while a header is read no pass is under way and no beat is in the pipeline, so that sizes and modes stand
// during a layer, as im2col.v assumes; the layer's last beat is the last in the pipeline. A tile is claimed only when
// its channel entries are complete, and released once, after it was claimed, as cfg_loader.v assumes. The other terms
// say what of the state makes that true, and are proved with it.
// proof quick: accel_properties.layers_wrong_o
// fault ctrl: S_FINISH: if (last_taken_i) state_d => S_FINISH: if (last_taken_i | step_i) state_d
// fault accel: last_pass & last_beat, final_pass & last_beat => last_pass & last_beat, final_pass
// proof full: accel_properties.layers_wrong_o
// fault ctrl: (par_ready_i | ~first_pass_i) => 1'b1
// fault output_stage: valid_q[4] & step & tag4_q[SlotWidth]; => valid_q[3] & step & tag4_q[SlotWidth];
module accel_properties #(
    parameter Rows = 4,
    parameter Cols = 4,
    parameter ActWidth = 2,
    parameter WgtWidth = 2,
    parameter PsumWidth = 8,
    parameter ActDepth = 512,
    parameter PsumDepth = 512,
    parameter ParTiles = 2
) (
    input  wire                       clk_i,
    input  wire                       rst_ni,
    input  wire                       cfg_valid_i,
    input  wire [              127:0] cfg_data_i,
    input  wire                       wgt_valid_i,
    input  wire [Cols*WgtWidth+5-1:0] wgt_data_i,
    input  wire                       act_valid_i,
    input  wire [  Rows*ActWidth-1:0] act_data_i,
    input  wire                       out_ready_i,
    output wire                       out_valid_o,  // without any output Yosys drops the instance
    output wire                       fifos_wrong_o,
    output wire                       banks_wrong_o,
    output wire                       layers_wrong_o
);
  localparam SlotWidth = $clog2(ParTiles);
  localparam PixelWidth = $clog2(PsumDepth);
  localparam Delay = Rows + Cols - 1;
  localparam OutWidth = Cols * PsumWidth + 1;

  accel #(
      .Rows(Rows),
      .Cols(Cols),
      .ActWidth(ActWidth),
      .WgtWidth(WgtWidth),
      .PsumWidth(PsumWidth),
      .ActDepth(ActDepth),
      .PsumDepth(PsumDepth),
      .ParTiles(ParTiles)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .cfg_valid_i(cfg_valid_i),
      .cfg_data_i(cfg_data_i),
      .wgt_valid_i(wgt_valid_i),
      .wgt_data_i(wgt_data_i),
      .act_valid_i(act_valid_i),
      .act_data_i(act_data_i),
      .out_valid_o(out_valid_o),
      .out_ready_i(out_ready_i)
  );

  // The two FIFOs: what formal/stream_fifo.v assumes of their users.
  (* hierconn *) wire \u_module.u_weight_loader.u_fifo.push_i , \u_module.u_weight_loader.u_fifo.pop_i ;
  (* hierconn *) wire \u_module.u_output_stage.u_fifo.push_i , \u_module.u_output_stage.u_fifo.pop_i ;
  (* hierconn *) wire [1:0] \u_module.u_weight_loader.u_fifo.count_o , \u_module.u_output_stage.u_fifo.count_o ;
  (* hierconn *) wire \u_module.w8_pop , \u_module.wgt_pop ;
  wire [1:0] weights = \u_module.u_weight_loader.u_fifo.count_o , outputs = \u_module.u_output_stage.u_fifo.count_o ;
  assign fifos_wrong_o = (\u_module.u_weight_loader.u_fifo.push_i & (weights >= 2'd2)) |
      (\u_module.u_weight_loader.u_fifo.pop_i & (weights == 2'd0)) |
      (\u_module.u_output_stage.u_fifo.push_i & (outputs >= 2'd2)) | (\u_module.u_output_stage.u_fifo.pop_i &
          (outputs == 2'd0)) |
      (weights > 2'd2) | (outputs > 2'd2) | (\u_module.w8_pop & \u_module.wgt_pop );

  // The activation banks.
  (* hierconn *) wire \u_module.u_act_buffer.take , \u_module.u_act_buffer.release_i ,
      \u_module.u_act_buffer.rd_en_i , \u_module.u_act_buffer.full_o ;
  (* hierconn *) wire \u_module.u_act_buffer.rd_bank_q , \u_module.u_act_buffer.fill_bank_q ;
  wire reads = \u_module.u_act_buffer.rd_en_i ;
  wire same_bank = \u_module.u_act_buffer.fill_bank_q == \u_module.u_act_buffer.rd_bank_q ;
  assign banks_wrong_o = (reads & ~\u_module.u_act_buffer.full_o ) | (\u_module.u_act_buffer.release_i & ~reads) |
      (\u_module.u_act_buffer.take & reads & same_bank);

  // Beats in the pipeline, the newest at bit 0: those that wait out the array, the psum bank's, O1 .. O4, the output
  // FIFO's.
  (* hierconn *) wire \u_module.step , \u_module.issue , \u_module.mid , \u_module.first_pass , \u_module.final_pass ,
      \u_module.last_pass , \u_module.last_beat ;
  (* hierconn *) wire \u_module.tag_valid_q , \u_module.tag_tile_last , \u_module.tag_layer_last ;
  (* hierconn *) wire [4:1] \u_module.u_output_stage.valid_q ;
  (* hierconn *) wire [SlotWidth+1:0] \u_module.u_output_stage.tag1_q , \u_module.u_output_stage.tag2_q ;
  (* hierconn *) wire [SlotWidth+1:0] \u_module.u_output_stage.tag3_q , \u_module.u_output_stage.tag4_q ;
  (* hierconn *) wire [OutWidth-1:0] \u_module.u_output_stage.u_fifo.head_q , \u_module.u_output_stage.u_fifo.tail_q ;
  wire mid = \u_module.mid ;
  reg [Delay-1:0] array, array_final, array_tile, array_layer;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {array, array_final, array_tile, array_layer} <= 0;
    else if (\u_module.step ) begin
      array <= {array, \u_module.issue };
      array_final <= {array_final, \u_module.issue & \u_module.final_pass };
      array_tile <= {array_tile, \u_module.issue & \u_module.final_pass & \u_module.last_beat };
      array_layer <= {array_layer, \u_module.issue & \u_module.last_pass & \u_module.last_beat };
    end
  end
  wire [3:0] valid = {
    \u_module.u_output_stage.valid_q [4],
    \u_module.u_output_stage.valid_q [3],
    \u_module.u_output_stage.valid_q [2],
    \u_module.u_output_stage.valid_q [1]
  };
  wire [3:0] tile = {
    \u_module.u_output_stage.tag4_q [SlotWidth],
    \u_module.u_output_stage.tag3_q [SlotWidth],
    \u_module.u_output_stage.tag2_q [SlotWidth],
    \u_module.u_output_stage.tag1_q [SlotWidth]
  };
  wire [3:0] layer = {
    \u_module.u_output_stage.tag4_q [SlotWidth+1],
    \u_module.u_output_stage.tag3_q [SlotWidth+1],
    \u_module.u_output_stage.tag2_q [SlotWidth+1],
    \u_module.u_output_stage.tag1_q [SlotWidth+1]
  };
  wire [1:0] fifo = {outputs != 2'd0, outputs == 2'd2};
  wire [1:0] fifo_layer = {\u_module.u_output_stage.u_fifo.head_q [OutWidth-1],
      \u_module.u_output_stage.u_fifo.tail_q [OutWidth-1]};
  wire [Delay+6:0] beats = {fifo, valid, \u_module.tag_valid_q , array};
  wire [Delay+4:0] tiles = {valid & tile, \u_module.tag_valid_q & \u_module.tag_tile_last , array_tile};
  wire [Delay+6:0] layers = {fifo & fifo_layer, valid & layer, \u_module.tag_valid_q & \u_module.tag_layer_last ,
      array_layer};

  // The ring of formal/properties/delay_line.v holds them, the beat of k steps ago k places behind the one that was
  // written last.
  localparam TagWidth = 5 + SlotWidth + 4 + PixelWidth;
  (* hierconn *) wire [Delay-1:0] \u_module.u_tag_delay.valid_q ;
  (* hierconn *) wire [2:0] \u_module.u_tag_delay.pointer_q ;
  (* hierconn *) wire [TagWidth-1:0] \u_module.u_tag_delay.ring[0] , \u_module.u_tag_delay.ring[1] ,
      \u_module.u_tag_delay.ring[2] ;
  (* hierconn *) wire [TagWidth-1:0] \u_module.u_tag_delay.ring[3] , \u_module.u_tag_delay.ring[4] ,
      \u_module.u_tag_delay.ring[5] ;
  (* hierconn *) wire [TagWidth-1:0] \u_module.u_tag_delay.ring[6] ;
  wire [3*7-1:0] ring = {
    \u_module.u_tag_delay.ring[6] [PixelWidth+1+:3],
    \u_module.u_tag_delay.ring[5] [PixelWidth+1+:3],
    \u_module.u_tag_delay.ring[4] [PixelWidth+1+:3],
    \u_module.u_tag_delay.ring[3] [PixelWidth+1+:3],
    \u_module.u_tag_delay.ring[2] [PixelWidth+1+:3],
    \u_module.u_tag_delay.ring[1] [PixelWidth+1+:3],
    \u_module.u_tag_delay.ring[0] [PixelWidth+1+:3]
  };
  wire [2:0] pointer = \u_module.u_tag_delay.pointer_q ;
  reg ring_right;
  integer k, place;
  always @* begin
    ring_right = (\u_module.u_tag_delay.valid_q == array) & (pointer < 3'd7) & ((array_layer & ~array_tile) == 0) &
        ((array_tile & ~array_final) == 0) & ((array_final & ~array) == 0);
    for (k = 0; k < Delay; k = k + 1)
      for (place = 0; place < Delay; place = place + 1)
        if (array[k] && pointer == (place + k + 1) % Delay && ring[3*place+:3] != {array_layer[k], array_tile[k],
            array_final[k]}) ring_right = 1'b0;
  end

  (* hierconn *) wire \u_module.tag_final ;
  wire tag_wrong = (outputs > 2'd2) | \u_module.tag_valid_q & (\u_module.tag_layer_last & ~\u_module.tag_tile_last |
      \u_module.tag_tile_last & ~\u_module.tag_final );

  // The channel table.
  (* hierconn *) wire \u_module.u_cfg_loader.claim_i , \u_module.u_cfg_loader.release_i ;
  (* hierconn *) wire [SlotWidth:0] \u_module.u_cfg_loader.par_used_q , \u_module.u_cfg_loader.par_avail_q ;
  wire [7:0] used = \u_module.u_cfg_loader.par_used_q , available = \u_module.u_cfg_loader.par_avail_q ;
  reg [7:0] in_use;
  integer i;
  always @* begin
    in_use = available + {7'd0, mid | ~\u_module.first_pass };
    for (i = 0; i < Delay + 5; i = i + 1) in_use = in_use + tiles[i];
  end
  wire table_wrong = (\u_module.u_cfg_loader.claim_i & (available == 0)) | (\u_module.u_cfg_loader.release_i &
      (used == available)) |
      (used > ParTiles) | (used != in_use);

  // Layers.
  (* hierconn *) wire [2:0] \u_module.u_ctrl.state_q ;
  (* hierconn *) wire [7:0] \u_module.u_im2col.oy_q , \u_module.u_im2col.ox_q ;
  (* hierconn *) wire [3:0] \u_module.u_im2col.kh_q , \u_module.u_im2col.kw_q ;
  (* hierconn *) wire [15:0] \u_module.u_im2col.ic_q , \u_module.u_im2col.oc_q ;
  (* hierconn *) wire [PixelWidth-1:0] \u_module.u_im2col.pixel_q ;
  wire [2:0] state = \u_module.u_ctrl.state_q ;
  wire no_beat = ({\u_module.u_im2col.oy_q , \u_module.u_im2col.ox_q , \u_module.u_im2col.pixel_q } == 0);
  wire no_pass = ({\u_module.u_im2col.kh_q , \u_module.u_im2col.kw_q , \u_module.u_im2col.ic_q ,
      \u_module.u_im2col.oc_q } == 0);
  wire [Delay+6:0] younger = layers - 1'b1;
  reg layers_right;
  always @* begin
    if (state <= 3'd2) layers_right = ~mid & no_pass & (beats == 0);
    else if (state <= 3'd6) layers_right = (layers == 0) & ~(mid & \u_module.last_pass );
    else if (mid) layers_right = (layers == 0) & \u_module.last_pass ;
    else layers_right = no_pass & (layers != 0) & ((layers & younger) == 0) & ((beats & younger) == 0);
  end
  (* hierconn *) wire [3:0] \u_module.kernel_h , \u_module.kernel_w ;
  (* hierconn *) wire [15:0] \u_module.ic_tiles , \u_module.oc_tiles ;
  wire [3:0] last_kh = \u_module.kernel_h - 4'd1, last_kw = \u_module.kernel_w - 4'd1;
  wire [15:0] last_ic = \u_module.ic_tiles - 16'd1, last_oc = \u_module.oc_tiles - 16'd1;
  wire in_range = (\u_module.u_im2col.kh_q <= last_kh) & (\u_module.u_im2col.kw_q <= last_kw) &
      (\u_module.u_im2col.ic_q <= last_ic) &
      (\u_module.u_im2col.oc_q <= last_oc);
  assign layers_wrong_o = table_wrong | tag_wrong | ~ring_right | ~layers_right | ~in_range | (~mid & ~no_beat);
endmodule
