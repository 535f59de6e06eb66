// SPDX-License-Identifier: Apache-2.0
// accel: the accelerator. Four valid/ready streams (cfg wgt act in, out back), one command a layer, every quantization scheme a mode of it.
//
//   cfg -> cfg_loader -> ctrl -----------------------------------------.
//   wgt -> weight_loader -> codebook -> skew -> systolic_array -> psum_bank -> output_stage -> out
//   act -> act_buffer (addressed by im2col) -> operand -> skew ---^
//
// Function: docs/numerics.md section 4. Streams, pins, latency of every stage: docs/timing.md. Throughput: one activation word (Rows x Cols products) a step; a pass of T
// beats takes max(T, Rows) steps. No output depends combinationally on an input. Depths are powers of two of at least 512 words (one pixel each).
module accel #(
    parameter Rows = 8,
    parameter Cols = 8,
    parameter ActWidth = 8,
    parameter WgtWidth = 8,
    parameter PsumWidth = 32,
    parameter ActDepth = 4096,
    parameter PsumDepth = 4096,
    parameter ParTiles = 8
) (
    input  wire                       clk_i,
    input  wire                       rst_ni,
    input  wire                       cfg_valid_i,
    output wire                       cfg_ready_o,
    input  wire [              127:0] cfg_data_i,
    input  wire                       wgt_valid_i,
    output wire                       wgt_ready_o,
    input  wire [Cols*WgtWidth+5-1:0] wgt_data_i,
    input  wire                       act_valid_i,
    output wire                       act_ready_o,
    input  wire [  Rows*ActWidth-1:0] act_data_i,
    output wire                       out_valid_o,
    input  wire                       out_ready_i,
    output wire [ Cols*PsumWidth-1:0] out_data_o,
    output wire                       out_last_o,
    output wire [                2:0] state_o,
    output wire [           Cols-1:0] overflow_o,
    output wire [               31:0] cnt_busy_o,
    output wire [               31:0] cnt_stall_in_o,
    output wire [               31:0] cnt_stall_out_o,
    output wire [               31:0] cnt_weight_load_o,
    output wire [               31:0] cnt_compute_o,
    output wire [               31:0] cnt_drain_o
);
  localparam DWidth = ActWidth + 1;
  localparam WWidth = WgtWidth + 1;
  localparam ActAddrWidth = $clog2(ActDepth);
  localparam PixelWidth = $clog2(PsumDepth);
  localparam SlotWidth = $clog2(ParTiles);
  localparam AlignWidth = 5;
  localparam WgtBeatWidth = Cols * WgtWidth + AlignWidth;
  localparam Legal = Rows >= 4 && Cols >= 4 && ActWidth >= 2 && ActWidth <= 8 && WgtWidth >= 2 && WgtWidth <= 8
                  && PsumWidth <= 32 && PsumWidth >= DWidth + WWidth && ActDepth >= 512 && ActDepth == (1 << ActAddrWidth)
                  && PsumDepth >= 512 && PsumDepth == (1 << PixelWidth) && ParTiles >= 2 && ParTiles == (1 << SlotWidth);
  // No tool elaborates a design with a missing module, and every tool names it.
  generate
    if (!Legal) begin : g_illegal
      illegal_parameter_of_accel u_illegal ();
    end
  endgenerate

  // Header fields, docs/timing.md section 2.
  wire [383:0] header;
  wire [7:0] in_h = header[0+:8], in_w = header[8+:8], out_h = header[16+:8], out_w = header[24+:8];
  wire [3:0] kernel_h = header[32+:4], kernel_w = header[36+:4], stride_h = header[40+:4], stride_w = header[44+:4];
  wire [3:0] dilation_h = header[48+:4], dilation_w = header[52+:4], pad_top = header[56+:4], pad_left = header[60+:4];
  wire [15:0] ic_tiles = header[64+:16], oc_tiles = header[80+:16];
  wire codebook = header[96], act_signed = header[97], wgt_signed = header[98];
  wire max = (header[99+:2] == 2'd1), add2 = (header[99+:2] == 2'd2);
  wire raw = header[101], multiply = header[102];
  wire [2:0] rule = header[103+:3];
  wire [4:0] psum_bits = header[106+:5];
  wire signed [DWidth-1:0] zero_in = header[128+:DWidth];
  wire signed [WWidth-1:0] zero_wgt = header[144+:WWidth];
  wire signed [DWidth-1:0] zero_b = header[160+:DWidth];
  wire signed [15:0] zero_out = header[176+:16], act_min = header[192+:16], act_max = header[208+:16];
  wire signed [31:0] m_a = header[256+:32], m_b = header[288+:32];
  wire [4:0] lshift_a = header[320+:5], n_a = header[328+:5], lshift_b = header[336+:5], n_b = header[344+:5];
  wire unused_header = ^{
    header[127:111], header[143:128+DWidth], header[159:144+WWidth], header[175:160+DWidth], header[255:224],
    header[327:325], header[335:333], header[343:341], header[383:349]
  };
  wire signed [PsumWidth-1:0] psum_max = ~({PsumWidth{1'b1}} << psum_bits);

  // Control.
  wire step, start, read_param, s1_fin, w8_pop, more, zero_en, pass_start, issue, last_taken;
  wire wgt_available, wgt_arriving, wgt_full, wgt_pop, act_full, act_coming, par_ready;
  wire mid, padding, second_ic, last_beat, first_pass, final_pass, last_pass, act_release, par_release;
  wire [ActAddrWidth-1:0] act_addr;
  wire [PixelWidth-1:0] pixel;
  assign last_taken = out_valid_o & out_ready_i & out_last_o;

  ctrl u_ctrl (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .start_i(cfg_valid_i),
      .s1_fin_i(s1_fin),
      .codebook_i(codebook),
      .wgt_available_i(wgt_available),
      .wgt_arriving_i(wgt_arriving),
      .act_coming_i(act_coming),
      .last_taken_i(last_taken),
      .mid_i(mid),
      .wgt_full_i(wgt_full),
      .act_full_i(act_full),
      .par_ready_i(par_ready),
      .first_pass_i(first_pass),
      .final_pass_i(final_pass),
      .last_pass_i(last_pass),
      .wgt_pop_i(wgt_pop),
      .state_o(state_o),
      .start_o(start),
      .read_param_o(read_param),
      .w8_pop_o(w8_pop),
      .more_o(more),
      .zero_en_o(zero_en),
      .pass_start_o(pass_start),
      .issue_o(issue),
      .cnt_busy_o(cnt_busy_o),
      .cnt_stall_in_o(cnt_stall_in_o),
      .cnt_stall_out_o(cnt_stall_out_o),
      .cnt_weight_load_o(cnt_weight_load_o),
      .cnt_compute_o(cnt_compute_o),
      .cnt_drain_o(cnt_drain_o)
  );

  // cfg.
  wire [Cols-1:0] par_we;
  wire [SlotWidth-1:0] par_slot;
  cfg_loader #(
      .Cols(Cols),
      .SlotWidth(SlotWidth)
  ) u_cfg_loader (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .cfg_valid_i(cfg_valid_i),
      .cfg_ready_o(cfg_ready_o),
      .cfg_data_i(cfg_data_i),
      .read_param_i(read_param),
      .s1_fin_o(s1_fin),
      .claim_i(pass_start & first_pass),
      .release_i(par_release),
      .par_ready_o(par_ready),
      .header_o(header),
      .par_we_o(par_we),
      .par_slot_o(par_slot)
  );

  // wgt: decoded rows and row enables, skewed by column and by row.
  wire [Cols*WgtWidth-1:0] wgt_beat;
  wire [Rows-1:0] row_en, row_en_skewed, swap_skewed;
  wire [AlignWidth-1:0] wgt_align;
  wire [Cols*WWidth-1:0] w_row;
  weight_loader #(
      .Rows(Rows),
      .BeatWidth(WgtBeatWidth),
      .AlignWidth(AlignWidth)
  ) u_weight_loader (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .wgt_valid_i(wgt_valid_i),
      .wgt_ready_o(wgt_ready_o),
      .wgt_data_i(wgt_data_i),
      .w8_pop_i(w8_pop),
      .more_i(more),
      .pass_start_i(pass_start),
      .last_pass_i(last_pass),
      .available_o(wgt_available),
      .arriving_o(wgt_arriving),
      .full_o(wgt_full),
      .pop_o(wgt_pop),
      .beat_o(wgt_beat),
      .row_en_o(row_en),
      .align_o(wgt_align)
  );
  codebook #(
      .Cols(Cols),
      .WgtWidth(WgtWidth)
  ) u_codebook (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .codebook_i(codebook),
      .wgt_signed_i(wgt_signed),
      .zero_wgt_i(zero_wgt),
      .w8_we_i(w8_pop),
      .beat_i(wgt_beat),
      .w_o(w_row)
  );

  // act: the banks, read where im2col says.
  wire [Rows*ActWidth-1:0] act_word;
  im2col #(
      .AddrWidth(ActAddrWidth),
      .PixelWidth(PixelWidth)
  ) u_im2col (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .issue_i(issue),
      .in_h_i(in_h),
      .in_w_i(in_w),
      .out_h_i(out_h),
      .out_w_i(out_w),
      .kernel_h_i(kernel_h),
      .kernel_w_i(kernel_w),
      .stride_h_i(stride_h),
      .stride_w_i(stride_w),
      .dilation_h_i(dilation_h),
      .dilation_w_i(dilation_w),
      .pad_top_i(pad_top),
      .pad_left_i(pad_left),
      .ic_tiles_i(ic_tiles),
      .oc_tiles_i(oc_tiles),
      .mid_o(mid),
      .padding_o(padding),
      .addr_o(act_addr),
      .pixel_o(pixel),
      .second_ic_o(second_ic),
      .last_beat_o(last_beat),
      .first_pass_o(first_pass),
      .final_pass_o(final_pass),
      .last_pass_o(last_pass),
      .release_o(act_release)
  );
  act_buffer #(
      .WordWidth(Rows * ActWidth),
      .Depth(ActDepth),
      .AddrWidth(ActAddrWidth)
  ) u_act_buffer (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .act_valid_i(act_valid_i),
      .act_ready_o(act_ready_o),
      .act_data_i(act_data_i),
      .open_i(s1_fin),
      .in_h_i(in_h),
      .in_w_i(in_w),
      .ic_tiles_i(ic_tiles),
      .oc_tiles_i(oc_tiles),
      .mid_i(mid),
      .rd_en_i(issue),
      .rd_addr_i(act_addr),
      .release_i(act_release),
      .full_o(act_full),
      .coming_o(act_coming),
      .word_o(act_word)
  );

  // The beat one step after its issue: its operands. A bubble or a padded tap is 0.
  reg beat_q;
  reg signed [DWidth-1:0] zero_q;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= 1'b0;
      zero_q <= {DWidth{1'b0}};
    end else if (step) begin
      beat_q <= issue & ~padding;
      zero_q <= (add2 & second_ic) ? zero_b : zero_in;
    end
  end

  wire [Rows*DWidth-1:0] a_row, a_skewed;
  wire [Rows*2-1:0] row_ctrl, row_ctrl_skewed;
  genvar r;
  generate
    for (r = 0; r < Rows; r = r + 1) begin : g_operand
      wire [ActWidth-1:0] element = act_word[r*ActWidth+:ActWidth];
      wire signed [DWidth-1:0] extended = {act_signed & element[ActWidth-1], element};
      assign a_row[r*DWidth+:DWidth] = beat_q ? extended - zero_q : {DWidth{1'b0}};
      assign row_ctrl[2*r+:2] = {pass_start, row_en[r]};
      assign row_en_skewed[r] = row_ctrl_skewed[2*r];
      assign swap_skewed[r] = row_ctrl_skewed[2*r+1];
    end
  endgenerate
  wire [Cols*WWidth-1:0] w_skewed;
  wire [Cols-1:0] en_skewed;

  skew #(
      .Lanes(Rows),
      .Width(DWidth)
  ) u_act_skew (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .data_i(a_row),
      .data_o(a_skewed)
  );
  skew #(
      .Lanes(Rows),
      .Width(2)
  ) u_row_ctrl_skew (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .data_i(row_ctrl),
      .data_o(row_ctrl_skewed)
  );
  skew #(
      .Lanes(Cols),
      .Width(WWidth)
  ) u_wgt_skew (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .data_i(w_row),
      .data_o(w_skewed)
  );
  skew #(
      .Lanes(Cols),
      .Width(1)
  ) u_en_skew (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .data_i({Cols{beat_q}}),
      .data_o(en_skewed)
  );

  wire [Cols*PsumWidth-1:0] array_psum;
  wire [Cols-1:0] array_en, array_overflow;
  systolic_array #(
      .Rows(Rows),
      .Cols(Cols),
      .DWidth(DWidth),
      .WWidth(WWidth),
      .PsumWidth(PsumWidth)
  ) u_array (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .zero_en_i(zero_en),
      .psum_max_i(psum_max),
      .act_i(a_skewed),
      .row_en_i(row_en_skewed),
      .swap_i(swap_skewed),
      .weight_i(w_skewed),
      .en_i(en_skewed),
      .psum_o(array_psum),
      .en_o(array_en),
      .overflow_o(array_overflow)
  );

  // The beat's tag waits out the array: it is read one step early for the bank's read address, then stands beside the psums.
  localparam TagWidth = AlignWidth + SlotWidth + 4 + PixelWidth;
  reg [SlotWidth-1:0] tile_slot_q;
  reg [AlignWidth-1:0] align_q;
  wire [TagWidth-1:0] tag_in = {
    pass_start ? wgt_align : align_q, tile_slot_q, last_pass & last_beat, final_pass & last_beat, final_pass, first_pass, pixel
  };
  wire [TagWidth-1:0] tag_early;
  wire tag_early_valid;
  reg [TagWidth-1:0] tag_q;
  reg tag_valid_q;
  delay_line #(
      .Depth(Rows + Cols - 1),
      .Width(TagWidth)
  ) u_tag_delay (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .valid_i(issue),
      .data_i(tag_in),
      .valid_o(tag_early_valid),
      .data_o(tag_early)
  );
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tile_slot_q <= {SlotWidth{1'b0}};
      align_q <= {AlignWidth{1'b0}};
      tag_valid_q <= 1'b0;
      tag_q <= {TagWidth{1'b0}};
    end else begin
      if (pass_start) align_q <= wgt_align;
      if (issue & final_pass & last_beat) tile_slot_q <= tile_slot_q + 1'b1;
      if (step) begin
        tag_valid_q <= tag_early_valid;
        tag_q <= tag_early_valid ? tag_early : {TagWidth{1'b0}};
      end
    end
  end
  wire [AlignWidth-1:0] tag_align;
  wire [SlotWidth-1:0] tag_slot;
  wire tag_layer_last, tag_tile_last, tag_final, tag_first;
  wire [PixelWidth-1:0] tag_pixel;
  assign {tag_align, tag_slot, tag_layer_last, tag_tile_last, tag_final, tag_first, tag_pixel} = tag_q;

  wire [Cols*PsumWidth-1:0] acc, operand_b;
  wire [Cols-1:0] bank_overflow;
  psum_bank #(
      .Cols(Cols),
      .PsumWidth(PsumWidth),
      .Depth(PsumDepth),
      .AddrWidth(PixelWidth)
  ) u_psum_bank (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .psum_i(array_psum),
      .en_i(array_en),
      .overflow_i(array_overflow),
      .rd_en_i(tag_early_valid),
      .rd_pixel_i(tag_early[PixelWidth-1:0]),
      .wr_en_i(tag_valid_q),
      .wr_pixel_i(tag_pixel),
      .first_i(tag_first),
      .final_i(tag_final),
      .max_i(max),
      .add2_i(add2),
      .align_i(tag_align),
      .psum_max_i(psum_max),
      .acc_o(acc),
      .operand_b_o(operand_b),
      .overflow_o(bank_overflow)
  );

  output_stage #(
      .Cols(Cols),
      .PsumWidth(PsumWidth),
      .ParTiles(ParTiles),
      .SlotWidth(SlotWidth)
  ) u_output_stage (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_o(step),
      .final_i(tag_valid_q & tag_final),
      .slot_i(tag_slot),
      .tile_last_i(tag_tile_last),
      .layer_last_i(tag_layer_last),
      .bank_overflow_i(bank_overflow),
      .acc_i(acc),
      .operand_b_i(operand_b),
      .start_i(start),
      .add2_i(add2),
      .raw_i(raw),
      .multiply_i(multiply),
      .rule_i(rule),
      .psum_max_i(psum_max),
      .zero_out_i(zero_out),
      .act_min_i(act_min),
      .act_max_i(act_max),
      .m_a_i(m_a),
      .lshift_a_i(lshift_a),
      .n_a_i(n_a),
      .m_b_i(m_b),
      .lshift_b_i(lshift_b),
      .n_b_i(n_b),
      .par_we_i(par_we),
      .par_slot_i(par_slot),
      .par_bias_i(cfg_data_i[31:0]),
      .par_m0_i(cfg_data_i[63:32]),
      .par_lshift_i(cfg_data_i[68:64]),
      .par_n_i(cfg_data_i[76:72]),
      .par_release_o(par_release),
      .out_valid_o(out_valid_o),
      .out_ready_i(out_ready_i),
      .out_data_o(out_data_o),
      .out_last_o(out_last_o),
      .overflow_o(overflow_o)
  );
endmodule
