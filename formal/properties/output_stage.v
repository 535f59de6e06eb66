// SPDX-License-Identifier: Apache-2.0
// output_stage: the stream out (docs/timing.md section 1). out_valid_o holds until out_ready_i, and meanwhile word and
// out_last_o stand; there are as many beats as were handed on. flags: all but the word, which takes Yosys longer.
//
// Proved for all inputs, so wherever it stands; a column is like another.
// proof quick: output_stage_properties.flags_wrong_o Cols=1
// fault output_stage: wire step = ~out_count[1]; => wire step = 1'b1;
// fault output_stage: .push_i(valid_q[4] & step) => .push_i(valid_q[4])
// proof full: output_stage_properties.stream_wrong_o Cols=1
// fault stream_fifo: if (pop_i) head_q <= count_q[1] => if (pop_i | push_i) head_q <= count_q[1]
// proof full: output_stage_properties.stream_wrong_o Cols=4
// fault output_stage: assign out_valid_o = |out_count; => assign out_valid_o = out_count[1];
module output_stage_properties #(
    parameter Cols = 1
) (
    input  wire               clk_i,
    input  wire               rst_ni,
    input  wire               final_i,
    input  wire [        2:0] tag_i,
    input  wire [Cols*65-1:0] sums_i,
    input  wire [      169:0] layer_i,
    input  wire [  Cols+74:0] entry_i,
    input  wire               start_i,
    input  wire               out_ready_i,
    output wire               flags_wrong_o,
    output wire               stream_wrong_o
);
  wire step, valid, last;
  wire [Cols*32-1:0] data;
  output_stage #(
      .Cols(Cols),
      .PsumWidth(32),
      .ParTiles(2),
      .SlotWidth(1)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_o(step),
      .final_i(final_i),
      .slot_i(tag_i[0]),
      .tile_last_i(tag_i[1]),
      .layer_last_i(tag_i[2]),
      .bank_overflow_i(sums_i[Cols*65-1:Cols*64]),
      .acc_i(sums_i[Cols*32-1:0]),
      .operand_b_i(sums_i[Cols*64-1:Cols*32]),
      .start_i(start_i),
      .add2_i(layer_i[0]),
      .raw_i(layer_i[1]),
      .multiply_i(layer_i[2]),
      .rule_i(layer_i[5:3]),
      .psum_max_i(layer_i[37:6]),
      .zero_out_i(layer_i[53:38]),
      .act_min_i(layer_i[69:54]),
      .act_max_i(layer_i[85:70]),
      .m_a_i(layer_i[117:86]),
      .lshift_a_i(layer_i[122:118]),
      .n_a_i(layer_i[127:123]),
      .m_b_i(layer_i[159:128]),
      .lshift_b_i(layer_i[164:160]),
      .n_b_i(layer_i[169:165]),
      .par_we_i(entry_i[Cols+74:75]),
      .par_slot_i(entry_i[74]),
      .par_bias_i(entry_i[31:0]),
      .par_m0_i(entry_i[63:32]),
      .par_lshift_i(entry_i[68:64]),
      .par_n_i(entry_i[73:69]),
      .out_valid_o(valid),
      .out_ready_i(out_ready_i),
      .out_data_o(data),
      .out_last_o(last)
  );
  reg waits, kept_last;
  reg [Cols*32-1:0] kept;
  reg [3:0] handed;  // beats on their way, at most four and two
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {waits, kept_last, kept, handed} <= 0;
    end else begin
      waits <= valid & ~out_ready_i;
      kept_last <= last;
      kept <= data;
      handed <= handed + (final_i & step) - (valid & out_ready_i);
    end
  end
  (* hierconn *) wire [4:1] \u_module.valid_q ;
  (* hierconn *) wire [1:0] \u_module.out_count ;
  reg [3:0] here;
  integer i;
  always @* begin
    here = {2'd0, \u_module.out_count };
    for (i = 1; i <= 4; i = i + 1) here = here + {3'd0, \u_module.valid_q [i]};
  end
  assign flags_wrong_o = (waits & (~valid | (last != kept_last))) | (handed != here) |
      (valid != (\u_module.out_count != 2'd0));
  assign stream_wrong_o = flags_wrong_o | (waits & (data != kept));
endmodule
