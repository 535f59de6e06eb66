// SPDX-License-Identifier: Apache-2.0
// skew: delays lane i of a row of lanes by i steps (Reverse = 0) or by Lanes-1-i steps (Reverse = 1).
//
//   data_o lane i in step t = data_i lane i in step t - i        (or t - (Lanes-1-i))
// A lane with delay 0 is a wire. Throughput one row a step; nothing moves without step_i. Cleared by reset.
module skew #(
    parameter Lanes = 8,
    parameter Width = 8,
    parameter Reverse = 0
) (
    input  wire                   clk_i,
    input  wire                   rst_ni,
    input  wire                   step_i,
    input  wire [Lanes*Width-1:0] data_i,
    output wire [Lanes*Width-1:0] data_o
);
  genvar lane, stage;
  generate
    for (lane = 0; lane < Lanes; lane = lane + 1) begin : g_lane
      localparam Delay = (Reverse != 0) ? Lanes - 1 - lane : lane;
      for (stage = 0; stage <= Delay; stage = stage + 1) begin : g_stage
        wire [Width-1:0] tap;
        if (stage == 0) begin : g_in
          assign tap = data_i[lane*Width+:Width];
        end else begin : g_delay
          reg [Width-1:0] tap_q;
          always @(posedge clk_i or negedge rst_ni) begin
            if (!rst_ni) tap_q <= {Width{1'b0}};
            else if (step_i) tap_q <= g_lane[lane].g_stage[stage-1].tap;
          end
          assign tap = tap_q;
        end
      end
      assign data_o[lane*Width+:Width] = g_stage[Delay].tap;
    end
  endgenerate
endmodule
