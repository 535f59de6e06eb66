// SPDX-License-Identifier: Apache-2.0
// 8 x 8 cells: row r gets nibble r of a word, r cycles after row 0, so that it meets the sum from the row above.
//
// Equation     valid_o[c]: psum_o[c] = sum over rows r of act[r] * weight[r][c] for an execute, 16 bits each
// Latency      9 + c cycles from a word to column c; eight loads, the first for column 0, then executes, back to back
// Range        a sum of eight products stays within 960
module mac_array (
    input  wire         clk,
    input  wire         reset,
    input  wire [31:0]  word_i,
    input  wire         load_i,
    input  wire         execute_i,
    output wire [7:0]   valid_o,
    output wire [127:0] psum_o
);
  genvar r, c;
  generate
    for (r = 0; r < 8; r = r + 1) begin : g_row
      reg [5:0] delay_q [0:r];  // nibble, load, execute
      integer i;
      always @(posedge clk) begin
        delay_q[0] <= reset ? 6'd0 : {word_i[4*r +: 4], load_i, execute_i};
        for (i = 1; i <= r; i = i + 1) delay_q[i] <= reset ? 6'd0 : delay_q[i-1];
      end
      wire [3:0] in [0:8];
      /* verilator lint_off UNUSEDSIGNAL */  // nothing is east of the last column
      wire [8:0] load, execute;
      /* verilator lint_on UNUSEDSIGNAL */
      assign {in[0], load[0], execute[0]} = delay_q[r];
      for (c = 0; c < 8; c = c + 1) begin : g_col
        wire signed [15:0] north, south;
        if (r == 0) begin : g_top
          assign north = 16'd0;
        end else begin : g_below
          assign north = g_row[r-1].g_col[c].south;
        end
        mac_tile u_mac_tile (
            .clk(clk), .reset(reset), .in_w(in[c]), .load_w(load[c]), .execute_w(execute[c]), .psum_n(north),
            .in_e(in[c+1]), .load_e(load[c+1]), .execute_e(execute[c+1]), .psum_s(south)
        );
      end
    end
    for (c = 0; c < 8; c = c + 1) begin : g_out
      assign psum_o[16*c +: 16] = g_row[7].g_col[c].south;
      assign valid_o[c]         = g_row[7].execute[c+1];
    end
  endgenerate
endmodule
