// SPDX-License-Identifier: Apache-2.0
// skew: lane i of the output is lane i of the input i steps before, or Lanes-1-i with Reverse; 0 for steps before
// reset.
//
// Proved for all inputs and any run of steps and stalls.
// proof quick: skew_properties.wrong_o Lanes=4 Width=2 Reverse=0
// fault skew: else if (step_i) tap_q => else tap_q
// fault skew: Lanes - 1 - lane : lane; => Lanes - 1 - lane : lane + lane / 2;
// proof quick: skew_properties.wrong_o Lanes=4 Width=2 Reverse=1
// fault skew: (Reverse != 0) ? Lanes - 1 - lane => (Reverse != 0) ? Lanes - lane
// proof quick: skew_properties.wrong_o Lanes=8 Width=1 Reverse=0
// fault skew: tap_q <= {Width{1'b0}}; => tap_q <= {Width{1'b1}};
module skew_properties #(
    parameter Lanes = 4,
    parameter Width = 2,
    parameter Reverse = 0
) (
    input  wire                   clk_i,
    input  wire                   rst_ni,
    input  wire                   step_i,
    input  wire [Lanes*Width-1:0] data_i,
    output wire                   wrong_o
);
  wire [Lanes*Width-1:0] data;
  skew #(
      .Lanes(Lanes),
      .Width(Width),
      .Reverse(Reverse)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step_i),
      .data_i(data_i),
      .data_o(data)
  );
  // The rows of the last steps, the newest lowest.
  reg [Lanes*Lanes*Width-1:0] past;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) past <= 0;
    else if (step_i) past <= {past, data_i};
  end
  wire [(Lanes+1)*Lanes*Width-1:0] rows = {past, data_i};
  reg [Lanes-1:0] wrong;
  integer lane, delay;
  always @* begin
    for (lane = 0; lane < Lanes; lane = lane + 1) begin
      delay = Reverse ? Lanes - 1 - lane : lane;
      wrong[lane] = data[lane*Width+:Width] != rows[(delay*Lanes+lane)*Width+:Width];
    end
  end
  assign wrong_o = |wrong;
endmodule
