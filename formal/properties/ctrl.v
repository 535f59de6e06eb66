// SPDX-License-Identifier: Apache-2.0
// ctrl against docs/timing.md sections 4, 6 and 8, for all inputs.
//
// edges: reset brings S_IDLE; the state takes the edges of section 4 on their conditions, and no other; a pass starts
// in S_INPUT_CH alone, and zero_en_o is one cycle a layer.
// proof quick: ctrl_properties.edges_wrong_o
// fault ctrl: if (s4_fin) state_d = S_EMPTY => if (s4_fin | s3_fin) state_d = S_EMPTY
// fault ctrl: state_q <= S_IDLE; => state_q <= S_FINISH;
// fault ctrl: if (s6_back) state_d = S_READ_W2 => if (s6_back) state_d = S_READ_W8
// fault ctrl: (state_q == S_INPUT_CH) & ~mid_i => (state_q >= S_EMPTY) & ~mid_i
// fault ctrl: else if (s5_fin) first_q => else if (s6_fin) first_q
//
// counters: each counts what section 8 says, up to 32 bits; in a busy cycle behind the header exactly one of stall_in,
// stall_out, compute and drain moves.
// proof quick: ctrl_properties.counters_wrong_o
// fault ctrl: (state_q == S_FINISH) & ~mid_i => (state_q == S_INPUT_CH) & ~mid_i
// fault ctrl: else if (state_q != S_READ_PARAM) stall_in_q => else stall_in_q
// fault ctrl: compute_q <= compute_q + 32'd1 => compute_q <= compute_q + 32'd3
//
// walk: there is a run with every edge, so every state can be reached and left.
// reach quick: ctrl_properties.walked_o
// fault ctrl: if (last_taken_i) state_d = S_IDLE => if (last_taken_i) state_d = S_FINISH
// fault ctrl: pass_start & final_pass_i & ~last_pass_i => pass_start & ~final_pass_i & ~last_pass_i & mid_i
module ctrl_properties (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire [15:0] in_i,
    output wire        edges_wrong_o,
    output wire        counters_wrong_o,
    output wire        walked_o
);
  wire step, start, s1_fin, codebook, available, arriving, coming, taken, mid, wgt_full, act_full, par_ready, first,
      final, last, pop;
  assign {step, start, s1_fin, codebook, available, arriving, coming, taken, mid, wgt_full, act_full, par_ready,
      first, final, last, pop} = in_i;
  wire [2:0] state;
  wire start_found, read_param, w8_pop, more, zero_en, pass_start, issue;
  wire [31:0] busy, stall_in, stall_out, weight_load, compute, drain;
  ctrl u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step),
      .start_i(start),
      .s1_fin_i(s1_fin & (state == 3'd1)),
      .codebook_i(codebook),
      .wgt_available_i(available),
      .wgt_arriving_i(arriving),
      .act_coming_i(coming),
      .last_taken_i(taken),
      .mid_i(mid),
      .wgt_full_i(wgt_full),
      .act_full_i(act_full),
      .par_ready_i(par_ready),
      .first_pass_i(first),
      .final_pass_i(final),
      .last_pass_i(last),
      .wgt_pop_i(pop),
      .state_o(state),
      .start_o(start_found),
      .read_param_o(read_param),
      .w8_pop_o(w8_pop),
      .more_o(more),
      .zero_en_o(zero_en),
      .pass_start_o(pass_start),
      .issue_o(issue),
      .cnt_busy_o(busy),
      .cnt_stall_in_o(stall_in),
      .cnt_stall_out_o(stall_out),
      .cnt_weight_load_o(weight_load),
      .cnt_compute_o(compute),
      .cnt_drain_o(drain)
  );

  // Section 4, a bit for each edge; section 6.
  reg [2:0] expected;
  reg first_step, more_left;
  wire starts = step & (expected == 3'd6) & ~mid & wgt_full & act_full & (~first | par_ready);
  wire issues = starts | (step & mid);
  wire [8:0] edges = {
    (expected == 3'd7) & taken,
    starts & last,
    starts & final & ~last,
    expected == 3'd5,
    (expected == 3'd4) & coming,
    (expected == 3'd3) & arriving,
    (expected == 3'd2) & (~codebook | available),
    (expected == 3'd1) & s1_fin,
    (expected == 3'd0) & start
  };
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      expected   <= 3'd0;
      first_step <= 1'b0;
      more_left  <= 1'b0;
    end else begin
      case (edges)
        9'h001: expected <= 3'd1;
        9'h002: expected <= 3'd2;
        9'h004: expected <= 3'd3;
        9'h008: expected <= 3'd4;
        9'h010: expected <= 3'd5;
        9'h020: expected <= 3'd6;
        9'h040: expected <= 3'd3;
        9'h080: expected <= 3'd7;
        9'h100: expected <= 3'd0;
        default: ;
      endcase
      if (edges[1]) first_step <= 1'b1;
      if (edges[5]) first_step <= 1'b0;
      if (edges[2]) more_left <= 1'b1;
      if (edges[7]) more_left <= 1'b0;
    end
  end
  assign edges_wrong_o = (state != expected) | (start_found != edges[0]) | (read_param != (expected == 3'd1)) |
      (w8_pop != (edges[2] & codebook)) | (more != more_left) | (zero_en != (edges[5] & first_step)) |
          (pass_start != starts) | (issue != issues);

  // Section 8: how much each counter moves.
  wire running = expected != 3'd0;
  wire [3:0] moves;  // stall_in, drain, compute, stall_out
  assign moves[0] = running & ~step;
  assign moves[1] = running & issues;
  assign moves[2] = running & step & ~issues & (expected == 3'd7) & ~mid;
  assign moves[3] = running & (expected != 3'd1) & (moves[2:0] == 3'd0);
  reg [31:0] cycles, pops, stalls_in, drains, computes, stalls_out;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {cycles, pops, stalls_in, drains, computes, stalls_out} <= 0;
    else if (edges[0]) {cycles, pops, stalls_in, drains, computes, stalls_out} <= 0;
    else begin
      cycles <= cycles + {31'd0, running};
      pops <= pops + {31'd0, running & pop};
      stalls_in <= stalls_in + {31'd0, moves[3]};
      drains <= drains + {31'd0, moves[2]};
      computes <= computes + {31'd0, moves[1]};
      stalls_out <= stalls_out + {31'd0, moves[0]};
    end
  end
  wire [3:0] others = moves & (moves - 4'd1);  // 0 where at most one moves
  assign counters_wrong_o = ({busy, weight_load, stall_in, drain, compute, stall_out} != {cycles, pops, stalls_in,
      drains, computes, stalls_out}) |
      (others != 4'd0) | (running & (expected != 3'd1) & (moves == 4'd0));

  // Edges seen: the states of two cycles, one after the other.
  reg [2:0] before;
  reg [8:0] walked;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      before <= 3'd0;
      walked <= 9'd0;
    end else begin
      before <= state;
      if (before != 3'd6 && state == before + 3'd1) walked[before] <= 1'b1;
      if (before == 3'd6 && state == 3'd3) walked[6] <= 1'b1;
      if (before == 3'd6 && state == 3'd7) walked[7] <= 1'b1;
      if (before == 3'd7 && state == 3'd0) walked[8] <= 1'b1;
    end
  end
  assign walked_o = &walked;
endmodule
