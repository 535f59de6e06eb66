// SPDX-License-Identifier: Apache-2.0
// act_buffer: two banks of activation words; one fills from the stream while the other is read.
//
// A word is one pixel of one ic tile (Rows elements). A group (in_h * in_w words, row major) fills one bank; release_i frees the bank being read and turns to the
// other. Read: rd_en_i with rd_addr_i in one step, word_o from the next. Write: one word a cycle. docs/timing.md section 5. The memory has no reset: a
// bank is read only after its group was written.
module act_buffer #(
    parameter WordWidth = 64,
    parameter Depth = 4096,
    parameter AddrWidth = 12
) (
    input  wire                 clk_i,
    input  wire                 rst_ni,
    // act stream
    input  wire                 act_valid_i,
    output wire                 act_ready_o,
    input  wire [WordWidth-1:0] act_data_i,
    // layer
    input  wire                 open_i,
    input  wire [          7:0] in_h_i,
    input  wire [          7:0] in_w_i,
    input  wire [         15:0] ic_tiles_i,
    input  wire [         15:0] oc_tiles_i,
    // read side
    input  wire                 mid_i,
    input  wire                 rd_en_i,
    input  wire [AddrWidth-1:0] rd_addr_i,
    input  wire                 release_i,
    output wire                 full_o,
    output wire                 coming_o,
    output wire [WordWidth-1:0] word_o
);
  reg [WordWidth-1:0] mem[0:2*Depth-1];
  reg [WordWidth-1:0] word_q;
  reg [1:0] act_full_q;
  reg fill_bank_q, rd_bank_q, act_left_q;
  reg [AddrWidth-1:0] fill_cnt_q;
  reg [7:0] fill_x_q, fill_y_q;
  reg [15:0] fill_ic_q, fill_oc_q;

  wire take = act_valid_i & act_ready_o;
  wire last_x = (fill_x_q == in_w_i - 8'd1);
  wire last_word = last_x & (fill_y_q == in_h_i - 8'd1);
  wire last_ic = (fill_ic_q == ic_tiles_i - 16'd1);
  wire last_group = last_ic & (fill_oc_q == oc_tiles_i - 16'd1);
  wire next_bank = rd_bank_q ^ mid_i;

  // Position in the group and of the group in the layer.
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_cnt_q <= {AddrWidth{1'b0}};
      fill_x_q <= 8'd0;
      fill_y_q <= 8'd0;
      fill_ic_q <= 16'd0;
      fill_oc_q <= 16'd0;
      act_left_q <= 1'b0;
    end else if (open_i) begin
      fill_cnt_q <= {AddrWidth{1'b0}};
      fill_x_q <= 8'd0;
      fill_y_q <= 8'd0;
      fill_ic_q <= 16'd0;
      fill_oc_q <= 16'd0;
      act_left_q <= 1'b1;
    end else if (take) begin
      fill_cnt_q <= last_word ? {AddrWidth{1'b0}} : fill_cnt_q + 1'b1;
      fill_x_q   <= last_x ? 8'd0 : fill_x_q + 8'd1;
      if (last_x) fill_y_q <= last_word ? 8'd0 : fill_y_q + 8'd1;
      if (last_word) fill_ic_q <= last_ic ? 16'd0 : fill_ic_q + 16'd1;
      if (last_word & last_ic) fill_oc_q <= fill_oc_q + 16'd1;
      if (last_word & last_group) act_left_q <= 1'b0;
    end
  end

  // Which bank fills, which is read, which are full. The two never name the same bank's flag in one cycle: a bank fills only while it is not full.
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      act_full_q  <= 2'b00;
      fill_bank_q <= 1'b0;
      rd_bank_q   <= 1'b0;
    end else begin
      if (take & last_word) begin
        act_full_q[fill_bank_q] <= 1'b1;
        fill_bank_q <= ~fill_bank_q;
      end
      if (release_i) begin
        act_full_q[rd_bank_q] <= 1'b0;
        rd_bank_q <= ~rd_bank_q;
      end
    end
  end

  always @(posedge clk_i) begin
    if (take) mem[{fill_bank_q, fill_cnt_q}] <= act_data_i;
    if (rd_en_i) word_q <= mem[{rd_bank_q, rd_addr_i}];
  end

  assign act_ready_o = act_left_q & ~act_full_q[fill_bank_q];
  assign full_o = act_full_q[rd_bank_q];
  assign coming_o = act_full_q[next_bank] | ((fill_bank_q == next_bank) & (|fill_cnt_q));
  assign word_o = word_q;
endmodule
