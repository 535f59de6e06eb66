// SPDX-License-Identifier: Apache-2.0
// delay_line: a valid bit and its word, `Depth` steps later.
//
//   valid_o, data_o in step t = valid_i, data_i in step t - Depth
// The words stand in a ring that a pointer walks, one write and one read of the same place a step; only the valid bits are reset, so data_o means
// nothing where valid_o is 0. Throughput one word a step; nothing moves without step_i.
module delay_line #(
    parameter Depth = 8,
    parameter Width = 8
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             step_i,
    input  wire             valid_i,
    input  wire [Width-1:0] data_i,
    output wire             valid_o,
    output wire [Width-1:0] data_o
);
  localparam PointerWidth = $clog2(Depth);
  localparam [31:0] Last = Depth - 1;

  reg [Width-1:0] ring[0:Depth-1];
  reg [Depth-1:0] valid_q;
  reg [PointerWidth-1:0] pointer_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q   <= {Depth{1'b0}};
      pointer_q <= {PointerWidth{1'b0}};
    end else if (step_i) begin
      valid_q   <= {valid_q[Depth-2:0], valid_i};
      pointer_q <= (pointer_q == Last[PointerWidth-1:0]) ? {PointerWidth{1'b0}} : pointer_q + 1'b1;
    end
  end
  always @(posedge clk_i) begin
    if (step_i & valid_i) ring[pointer_q] <= data_i;
  end
  assign valid_o = valid_q[Depth-1];
  assign data_o  = ring[pointer_q];
endmodule
