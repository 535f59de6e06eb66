// SPDX-License-Identifier: Apache-2.0
// act_buffer against docs/timing.md sections 3, 4 and 5: ready while groups are left and the bank to fill is not full;
// which bank fills and which is read; where the words go.
//
// stream: as above, for all inputs, of a reader that releases only a full bank, which accel.v proves, and of a layer
// that keeps its sizes.
// proof quick: act_buffer_properties.stream_wrong_o
// fault act_buffer: act_left_q & ~act_full_q[fill_bank_q] => act_left_q & ~act_full_q[rd_bank_q]
// fault act_buffer: (fill_oc_q == oc_tiles_i - 16'd1) => (fill_oc_q == oc_tiles_i)
// fault act_buffer: rd_bank_q ^ mid_i => rd_bank_q
// fault act_buffer: fill_cnt_q <= last_word ? => fill_cnt_q <= last_x ?
//
// word: a word read is the one that was written last at that place of that bank, one step later, whichever place is
// looked at.
// proof quick: act_buffer_properties.word_wrong_o
// fault act_buffer: word_q <= mem[{rd_bank_q, rd_addr_i}] => word_q <= mem[{fill_bank_q, rd_addr_i}]
// fault act_buffer: if (rd_en_i) word_q => word_q
module act_buffer_properties (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        act_valid_i,
    input  wire [ 1:0] act_data_i,
    input  wire        open_i,
    input  wire [47:0] sizes_i,
    input  wire        mid_i,
    input  wire        rd_en_i,
    input  wire [ 3:0] rd_addr_i,
    input  wire        release_i,
    input  wire        choose_i,
    output wire        stream_wrong_o,
    output wire        word_wrong_o
);
  wire ready, full, coming;
  wire [1:0] word;
  act_buffer #(
      .WordWidth(2),
      .Depth(16),
      .AddrWidth(4)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .act_valid_i(act_valid_i),
      .act_ready_o(ready),
      .act_data_i(act_data_i),
      .open_i(open_i),
      .in_h_i(sizes_i[7:0]),
      .in_w_i(sizes_i[15:8]),
      .ic_tiles_i(sizes_i[31:16]),
      .oc_tiles_i(sizes_i[47:32]),
      .mid_i(mid_i),
      .rd_en_i(rd_en_i),
      .rd_addr_i(rd_addr_i),
      .release_i(release_i),
      .full_o(full),
      .coming_o(coming),
      .word_o(word)
  );
  reg [1:0] filled;
  reg fill, read, left, misused;
  reg [3:0] count;
  reg [7:0] x, y;
  reg [15:0] ic, oc;
  wire takes = act_valid_i & left & ~filled[fill];
  wire row_ends = x + 9'd1 == {1'b0, sizes_i[15:8]};
  wire group_ends = row_ends & (y + 9'd1 == {1'b0, sizes_i[7:0]});
  wire ic_ends = ic + 17'd1 == {1'b0, sizes_i[31:16]};
  wire layer_ends = group_ends & ic_ends & (oc + 17'd1 == {1'b0, sizes_i[47:32]});
  wire zero_size = (sizes_i[7:0] == 0) | (sizes_i[15:8] == 0) | (sizes_i[31:16] == 0) | (sizes_i[47:32] == 0);
  wire bad_use = misused | (release_i & ~filled[read]) | zero_size;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      filled <= 2'b00;
      {fill, read, left, misused, count, x, y, ic, oc} <= 0;
    end else begin
      if (bad_use) misused <= 1'b1;
      if (takes) begin
        count <= group_ends ? 4'd0 : count + 4'd1;
        x <= row_ends ? 8'd0 : x + 8'd1;
        if (row_ends) y <= group_ends ? 8'd0 : y + 8'd1;
        if (group_ends) begin
          filled[fill] <= 1'b1;
          fill <= ~fill;
          ic <= ic_ends ? 16'd0 : ic + 16'd1;
          if (ic_ends) oc <= oc + 16'd1;
        end
        if (layer_ends) left <= 1'b0;
      end
      if (release_i) begin
        filled[read] <= 1'b0;
        read <= ~read;
      end
      if (open_i) begin
        {count, x, y, ic, oc} <= 0;
        left <= 1'b1;
      end
    end
  end
  wire next = read ^ mid_i;
  (* hierconn *) wire [7:0] \u_module.fill_x_q , \u_module.fill_y_q ;
  (* hierconn *) wire [15:0] \u_module.fill_ic_q , \u_module.fill_oc_q ;
  (* hierconn *) wire [3:0] \u_module.fill_cnt_q ;
  (* hierconn *) wire [1:0] \u_module.act_full_q ;
  (* hierconn *) wire \u_module.fill_bank_q , \u_module.rd_bank_q , \u_module.act_left_q ;
  wire counters_wrong = (x != \u_module.fill_x_q ) | (y != \u_module.fill_y_q ) | (ic != \u_module.fill_ic_q ) |
      (oc != \u_module.fill_oc_q ) |
      (count != \u_module.fill_cnt_q ) | (filled != \u_module.act_full_q ) | (fill != \u_module.fill_bank_q ) |
      (read != \u_module.rd_bank_q ) | (left != \u_module.act_left_q );
  assign stream_wrong_o = ~bad_use & (counters_wrong | (ready != (left & ~filled[fill])) | (full != filled[read]) |
      (coming != (filled[next] | ((fill == next) & (count != 4'd0)))));

  // One place, chosen when it is written.
  reg chosen, known;
  reg [4:0] place;
  reg [1:0] kept, expected;
  wire [4:0] here = {fill, count};
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {chosen, known, place, kept, expected} <= 0;
    end else begin
      if (takes & choose_i & ~chosen) begin
        chosen <= 1'b1;
        place  <= here;
        kept   <= act_data_i;
      end
      if (takes & chosen & (here == place)) kept <= act_data_i;
      if (rd_en_i) begin
        known <= chosen & ({read, rd_addr_i} == place);
        expected <= kept;
      end
    end
  end
  assign word_wrong_o = ~bad_use & (counters_wrong | (known & (word != expected)));
endmodule
