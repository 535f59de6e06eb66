// SPDX-License-Identifier: Apache-2.0
// delay_line: valid_o in a step is valid_i Depth steps before, 0 for steps before reset, and where it is 1 data_o is
// data_i of then.
//
// Proved for all inputs, from whatever the memory holds at first. A bit of data is like another.
// proof quick: delay_line_properties.wrong_o Depth=7 Width=2
// fault delay_line: Last = Depth - 1; => Last = Depth;
// fault delay_line: if (step_i & valid_i) ring => if (valid_i) ring
// fault delay_line: valid_q[Depth-2:0], valid_i => valid_q[Depth-2:0], valid_i & ~valid_q[3]
// proof full: delay_line_properties.wrong_o Depth=15 Width=1
// fault delay_line: if (step_i & valid_i) ring => if (step_i & valid_i & ~valid_q[9]) ring
module delay_line_properties #(
    parameter Depth = 7,
    parameter Width = 2
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             step_i,
    input  wire             valid_i,
    input  wire [Width-1:0] data_i,
    output wire             wrong_o
);
  wire valid;
  wire [Width-1:0] data;
  delay_line #(
      .Depth(Depth),
      .Width(Width)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .step_i(step_i),
      .valid_i(valid_i),
      .data_i(data_i),
      .valid_o(valid),
      .data_o(data)
  );
  reg [Depth*(Width+1)-1:0] steps;  // the newest lowest
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) steps <= 0;
    else if (step_i) steps <= {steps, valid_i, data_i};
  end
  wire expected_valid;
  wire [Width-1:0] expected;
  assign {expected_valid, expected} = steps[(Depth-1)*(Width+1)+:Width+1];
  assign wrong_o = (valid != expected_valid) | (valid & (data != expected));
endmodule
