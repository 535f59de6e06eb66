// SPDX-License-Identifier: Apache-2.0
// ctrl: the eight states, the start of every pass, the layer's counters (docs/timing.md sections 4, 6, 8).
//
//   S_IDLE -start-> S_READ_PARAM -s1_fin-> S_READ_W8 -s2_fin-> S_READ_W2 -s3_fin-> S_READ_INPUT -s4_fin-> S_EMPTY -s5_fin-> S_INPUT_CH
//   S_INPUT_CH -s6_back-> S_READ_W2, S_INPUT_CH -s6_fin-> S_FINISH -last output taken-> S_IDLE
// A pass starts only in S_INPUT_CH; the walk to the next oc tile's S_INPUT_CH hides under the last pass of this one (four cycles <= Rows).
module ctrl (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        step_i,
    // what the states wait for
    input  wire        start_i,
    input  wire        s1_fin_i,
    input  wire        codebook_i,
    input  wire        wgt_available_i,
    input  wire        wgt_arriving_i,
    input  wire        act_coming_i,
    input  wire        last_taken_i,
    // what a pass waits for
    input  wire        mid_i,
    input  wire        wgt_full_i,
    input  wire        act_full_i,
    input  wire        par_ready_i,
    input  wire        first_pass_i,
    input  wire        final_pass_i,
    input  wire        last_pass_i,
    input  wire        wgt_pop_i,
    // outputs
    output wire [ 2:0] state_o,
    output wire        start_o,
    output wire        read_param_o,
    output wire        w8_pop_o,
    output wire        more_o,
    output wire        zero_en_o,
    output wire        pass_start_o,
    output wire        issue_o,
    output wire [31:0] cnt_busy_o,
    output wire [31:0] cnt_stall_in_o,
    output wire [31:0] cnt_stall_out_o,
    output wire [31:0] cnt_weight_load_o,
    output wire [31:0] cnt_compute_o,
    output wire [31:0] cnt_drain_o
);
  localparam [2:0] S_IDLE = 3'd0, S_READ_PARAM = 3'd1, S_READ_W8 = 3'd2, S_READ_W2 = 3'd3;
  localparam [2:0] S_READ_INPUT = 3'd4, S_EMPTY = 3'd5, S_INPUT_CH = 3'd6, S_FINISH = 3'd7;

  reg [2:0] state_d, state_q;
  reg first_q, more_q;
  reg [31:0] busy_q, stall_in_q, stall_out_q, weight_load_q, compute_q, drain_q;

  wire pass_ready = wgt_full_i & act_full_i & (par_ready_i | ~first_pass_i);
  wire pass_start = step_i & (state_q == S_INPUT_CH) & ~mid_i & pass_ready;
  wire issue = pass_start | (step_i & mid_i);

  wire start = (state_q == S_IDLE) & start_i;
  wire s2_fin = (state_q == S_READ_W8) & (~codebook_i | wgt_available_i);
  wire s3_fin = wgt_arriving_i;
  wire s4_fin = act_coming_i;
  wire s5_fin = (state_q == S_EMPTY);
  wire s6_fin = pass_start & last_pass_i;
  wire s6_back = pass_start & final_pass_i & ~last_pass_i;

  always @* begin
    state_d = state_q;
    case (state_q)
      S_IDLE: if (start) state_d = S_READ_PARAM;
      S_READ_PARAM: if (s1_fin_i) state_d = S_READ_W8;
      S_READ_W8: if (s2_fin) state_d = S_READ_W2;
      S_READ_W2: if (s3_fin) state_d = S_READ_INPUT;
      S_READ_INPUT: if (s4_fin) state_d = S_EMPTY;
      S_EMPTY: if (s5_fin) state_d = S_INPUT_CH;
      S_INPUT_CH: begin
        if (s6_back) state_d = S_READ_W2;
        if (s6_fin) state_d = S_FINISH;
      end
      S_FINISH: if (last_taken_i) state_d = S_IDLE;
      default: state_d = S_IDLE;
    endcase
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= S_IDLE;
      first_q <= 1'b0;
      more_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      if (s1_fin_i) first_q <= 1'b1;
      else if (s5_fin) first_q <= 1'b0;
      if (s2_fin) more_q <= 1'b1;
      else if (s6_fin) more_q <= 1'b0;
    end
  end

  wire busy = (state_q != S_IDLE);
  wire drain = (state_q == S_FINISH) & ~mid_i;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 32'd0;
      stall_in_q <= 32'd0;
      stall_out_q <= 32'd0;
      weight_load_q <= 32'd0;
      compute_q <= 32'd0;
      drain_q <= 32'd0;
    end else if (start) begin
      busy_q <= 32'd0;
      stall_in_q <= 32'd0;
      stall_out_q <= 32'd0;
      weight_load_q <= 32'd0;
      compute_q <= 32'd0;
      drain_q <= 32'd0;
    end else if (busy) begin
      busy_q <= busy_q + 32'd1;
      if (wgt_pop_i) weight_load_q <= weight_load_q + 32'd1;
      if (~step_i) stall_out_q <= stall_out_q + 32'd1;
      else if (issue) compute_q <= compute_q + 32'd1;
      else if (drain) drain_q <= drain_q + 32'd1;
      else if (state_q != S_READ_PARAM) stall_in_q <= stall_in_q + 32'd1;
    end
  end

  assign state_o = state_q;
  assign start_o = start;
  assign read_param_o = (state_q == S_READ_PARAM);
  assign w8_pop_o = s2_fin & codebook_i;
  assign more_o = more_q;
  assign zero_en_o = s5_fin & first_q;
  assign pass_start_o = pass_start;
  assign issue_o = issue;
  assign cnt_busy_o = busy_q;
  assign cnt_stall_in_o = stall_in_q;
  assign cnt_stall_out_o = stall_out_q;
  assign cnt_weight_load_o = weight_load_q;
  assign cnt_compute_o = compute_q;
  assign cnt_drain_o = drain_q;
endmodule
