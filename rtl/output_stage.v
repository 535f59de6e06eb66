// SPDX-License-Identifier: Apache-2.0
// output_stage: Cols output_lanes, the tags that travel with a beat through O1 .. O4, the sticky overflow flags and the output FIFO.
//
// A beat that the psum bank hands on (final_i) is pushed into the FIFO four steps later; step_o, the only brake of the whole datapath, is the FIFO's "room for
// one more". Throughput one beat a step. docs/timing.md section 7.
module output_stage #(
    parameter Cols = 8,
    parameter PsumWidth = 32,
    parameter ParTiles = 8,
    parameter SlotWidth = 3
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    output wire                        step_o,
    // the beat that the psum bank hands on in this step
    input  wire                        final_i,
    input  wire [       SlotWidth-1:0] slot_i,
    input  wire                        tile_last_i,
    input  wire                        layer_last_i,
    input  wire [            Cols-1:0] bank_overflow_i,
    // its values, one step later
    input  wire [  Cols*PsumWidth-1:0] acc_i,
    input  wire [  Cols*PsumWidth-1:0] operand_b_i,
    // layer
    input  wire                        start_i,
    input  wire                        add2_i,
    input  wire                        raw_i,
    input  wire                        multiply_i,
    input  wire [                 2:0] rule_i,
    input  wire signed [PsumWidth-1:0] psum_max_i,
    input  wire signed [         15:0] zero_out_i,
    input  wire signed [         15:0] act_min_i,
    input  wire signed [         15:0] act_max_i,
    input  wire signed [         31:0] m_a_i,
    input  wire [                 4:0] lshift_a_i,
    input  wire [                 4:0] n_a_i,
    input  wire signed [         31:0] m_b_i,
    input  wire [                 4:0] lshift_b_i,
    input  wire [                 4:0] n_b_i,
    // channel table
    input  wire [            Cols-1:0] par_we_i,
    input  wire [       SlotWidth-1:0] par_slot_i,
    input  wire [                31:0] par_bias_i,
    input  wire [                31:0] par_m0_i,
    input  wire [                 4:0] par_lshift_i,
    input  wire [                 4:0] par_n_i,
    output wire                        par_release_o,
    // out stream
    output wire                        out_valid_o,
    input  wire                        out_ready_i,
    output wire [  Cols*PsumWidth-1:0] out_data_o,
    output wire                        out_last_o,
    output wire [            Cols-1:0] overflow_o
);
  localparam TagWidth = SlotWidth + 2;

  reg [4:1] valid_q;
  reg [TagWidth-1:0] tag1_q, tag2_q, tag3_q, tag4_q;
  reg [Cols-1:0] overflow_q;
  wire [Cols-1:0] bias_overflow;
  wire [Cols*PsumWidth-1:0] value;
  wire [1:0] out_count;
  wire step = ~out_count[1];

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 4'd0;
      tag1_q  <= {TagWidth{1'b0}};
      tag2_q  <= {TagWidth{1'b0}};
      tag3_q  <= {TagWidth{1'b0}};
      tag4_q  <= {TagWidth{1'b0}};
    end else if (step) begin
      valid_q <= {valid_q[3:1], final_i};
      tag1_q  <= {layer_last_i, tile_last_i, slot_i};
      tag2_q  <= tag1_q;
      tag3_q  <= tag2_q;
      tag4_q  <= tag3_q;
    end
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) overflow_q <= {Cols{1'b0}};
    else if (start_i) overflow_q <= {Cols{1'b0}};
    else overflow_q <= overflow_q | bank_overflow_i | bias_overflow;
  end

  genvar c;
  generate
    for (c = 0; c < Cols; c = c + 1) begin : g_lane
      output_lane #(
          .PsumWidth(PsumWidth),
          .ParTiles(ParTiles),
          .SlotWidth(SlotWidth)
      ) u_lane (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .o1_en_i(valid_q[1] & step),
          .o2_en_i(valid_q[2] & step),
          .o3_en_i(valid_q[3] & step),
          .o4_en_i(valid_q[4] & step),
          .o2_slot_i(tag2_q[SlotWidth-1:0]),
          .o3_slot_i(tag3_q[SlotWidth-1:0]),
          .o4_slot_i(tag4_q[SlotWidth-1:0]),
          .add2_i(add2_i),
          .raw_i(raw_i),
          .multiply_i(multiply_i),
          .rule_i(rule_i),
          .psum_max_i(psum_max_i),
          .zero_out_i(zero_out_i),
          .act_min_i(act_min_i),
          .act_max_i(act_max_i),
          .m_a_i(m_a_i),
          .lshift_a_i(lshift_a_i),
          .n_a_i(n_a_i),
          .m_b_i(m_b_i),
          .lshift_b_i(lshift_b_i),
          .n_b_i(n_b_i),
          .par_we_i(par_we_i[c]),
          .par_slot_i(par_slot_i),
          .par_bias_i(par_bias_i),
          .par_m0_i(par_m0_i),
          .par_lshift_i(par_lshift_i),
          .par_n_i(par_n_i),
          .acc_i(acc_i[c*PsumWidth+:PsumWidth]),
          .operand_b_i(operand_b_i[c*PsumWidth+:PsumWidth]),
          .value_o(value[c*PsumWidth+:PsumWidth]),
          .overflow_o(bias_overflow[c])
      );
    end
  endgenerate

  stream_fifo #(
      .Width(Cols * PsumWidth + 1)
  ) u_fifo (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .push_i(valid_q[4] & step),
      .data_i({tag4_q[SlotWidth+1], value}),
      .pop_i(out_valid_o & out_ready_i),
      .data_o({out_last_o, out_data_o}),
      .count_o(out_count)
  );

  assign step_o = step;
  assign out_valid_o = |out_count;
  assign par_release_o = valid_q[4] & step & tag4_q[SlotWidth];
  assign overflow_o = overflow_q;
endmodule
