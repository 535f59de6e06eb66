// SPDX-License-Identifier: Apache-2.0
// channel_table: bias, m0, lshift and n of one column for the next Tiles oc tiles; a circular table that cfg_loader fills ahead of use.
//
// Written at the edge (we_i), read combinationally in three pipeline stages, each with its own slot: bias in O2, multiplier in O3, shift in O4. No
// reset: a slot is read only after it was written.
module channel_table #(
    parameter Tiles = 8,
    parameter SlotWidth = 3
) (
    input  wire                 clk_i,
    input  wire                 we_i,
    input  wire [SlotWidth-1:0] slot_i,
    input  wire [         31:0] bias_i,
    input  wire [         31:0] m0_i,
    input  wire [          4:0] lshift_i,
    input  wire [          4:0] n_i,
    input  wire [SlotWidth-1:0] bias_slot_i,
    output wire [         31:0] bias_o,
    input  wire [SlotWidth-1:0] mul_slot_i,
    output wire [         31:0] m0_o,
    output wire [          4:0] lshift_o,
    input  wire [SlotWidth-1:0] round_slot_i,
    output wire [          4:0] n_o
);
  reg [31:0] bias[0:Tiles-1];
  reg [36:0] multiplier[0:Tiles-1];
  reg [4:0] n[0:Tiles-1];

  always @(posedge clk_i) begin
    if (we_i) begin
      bias[slot_i] <= bias_i;
      multiplier[slot_i] <= {lshift_i, m0_i};
      n[slot_i] <= n_i;
    end
  end
  assign bias_o = bias[bias_slot_i];
  assign {lshift_o, m0_o} = multiplier[mul_slot_i];
  assign n_o = n[round_slot_i];
endmodule
