// SPDX-License-Identifier: Apache-2.0
// Configuration pins that stay, start, busy and done; a clock whose name does not say so, and no reset.
module mac_pins (
    input  wire        tick,
    input  wire        start,
    input  wire [7:0]  cfg_len,
    input  wire [4:0]  cfg_shift,
    input  wire signed [7:0] a,
    input  wire signed [7:0] b,
    output reg         busy,
    output reg         done,
    output reg  signed [31:0] acc
);
  reg [7:0] left_q;
  wire signed [15:0] product = a * b;
  always @(posedge tick) begin
    done <= busy && left_q == 8'd1;
    if (start) begin
      busy   <= 1'b1;
      left_q <= cfg_len;
      acc    <= 32'sd0;
    end else if (busy) begin
      left_q <= left_q - 8'd1;
      busy   <= left_q != 8'd1;
      acc    <= acc + ({{16{product[15]}}, product} >>> cfg_shift);
    end
  end
endmodule
