// SPDX-License-Identifier: Apache-2.0
// channel_table: once a slot has been written, each of the three reads gives what was last written there.
//
// Proved for any one slot, chosen at any time, and all inputs from whatever the memory holds at first: so for every
// slot.
// proof quick: channel_table_properties.wrong_o Tiles=2 SlotWidth=1
// fault channel_table: m0_i}; => m0_i[31:1], 1'b0};
// fault channel_table: n[round_slot_i] => n[mul_slot_i]
// proof full: channel_table_properties.wrong_o Tiles=8 SlotWidth=3
// fault channel_table: if (we_i) => if (we_i & (slot_i != 5))
module channel_table_properties #(
    parameter Tiles = 2,
    parameter SlotWidth = 1
) (
    input  wire                 clk_i,
    input  wire                 rst_ni,
    input  wire                 choose_i,
    input  wire                 we_i,
    input  wire [SlotWidth-1:0] slot_i,
    input  wire [         73:0] entry_i,
    input  wire [SlotWidth-1:0] bias_slot_i,
    input  wire [SlotWidth-1:0] mul_slot_i,
    input  wire [SlotWidth-1:0] round_slot_i,
    output wire                 wrong_o
);
  wire [31:0] bias, m0;
  wire [4:0] lshift, n;
  channel_table #(
      .Tiles(Tiles),
      .SlotWidth(SlotWidth)
  ) u_module (
      .clk_i(clk_i),
      .we_i(we_i),
      .slot_i(slot_i),
      .bias_i(entry_i[31:0]),
      .m0_i(entry_i[63:32]),
      .lshift_i(entry_i[68:64]),
      .n_i(entry_i[73:69]),
      .bias_slot_i(bias_slot_i),
      .bias_o(bias),
      .mul_slot_i(mul_slot_i),
      .m0_o(m0),
      .lshift_o(lshift),
      .round_slot_i(round_slot_i),
      .n_o(n)
  );
  reg chosen;
  reg [SlotWidth-1:0] slot;
  reg [73:0] entry;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      chosen <= 1'b0;
      slot   <= 0;
      entry  <= 74'd0;
    end else if (we_i) begin
      if (choose_i & ~chosen) begin
        chosen <= 1'b1;
        slot   <= slot_i;
        entry  <= entry_i;
      end else if (slot == slot_i) entry <= entry_i;
    end
  end
  assign wrong_o = chosen & ((bias_slot_i == slot & bias != entry[31:0]) | (mul_slot_i == slot & {lshift,
      m0} != entry[68:32]) |
      (round_slot_i == slot & n != entry[73:69]));
endmodule
