// SPDX-License-Identifier: Apache-2.0
// systolic_array: Rows x Cols c_units, weight stationary.
//
//   psum_o[c] = clamp-accumulate over r of act[r] * weight[r][c]
// Row inputs (activation, weight-row enable, swap) come skewed by r steps, column inputs (weight, enable) by c steps; column c's psum leaves Rows steps
// after its row-0 activation entered column c. Activations and row controls go right, psums, enables and weights go down: every wire is local.
// Throughput one activation row a step; a new weight tile can follow the old one without a gap (shadow weights in c_unit).
module systolic_array #(
    parameter Rows = 8,
    parameter Cols = 8,
    parameter DWidth = 9,
    parameter WWidth = 9,
    parameter PsumWidth = 32
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    input  wire                        step_i,
    input  wire                        zero_en_i,
    input  wire signed [PsumWidth-1:0] psum_max_i,
    input  wire [     Rows*DWidth-1:0] act_i,
    input  wire [            Rows-1:0] row_en_i,
    input  wire [            Rows-1:0] swap_i,
    input  wire [     Cols*WWidth-1:0] weight_i,
    input  wire [            Cols-1:0] en_i,
    output wire [  Cols*PsumWidth-1:0] psum_o,
    output wire [            Cols-1:0] en_o,
    output wire [            Cols-1:0] overflow_o
);
  genvar r, c;
  generate
    for (r = 0; r < Rows; r = r + 1) begin : g_row
      for (c = 0; c < Cols; c = c + 1) begin : g_col
        // *_in: what enters this cell from the left or from above; *_out: what leaves it.
        wire signed [DWidth-1:0] act_out, act_in;
        wire signed [WWidth-1:0] weight_out, weight_in;
        wire signed [PsumWidth-1:0] psum_out, psum_in;
        wire row_en_out, row_en_in, swap_out, swap_in, en_out, en_in, overflow_out, overflow_in;

        if (c == 0) begin : g_left
          assign act_in = act_i[r*DWidth+:DWidth];
          assign row_en_in = row_en_i[r];
          assign swap_in = swap_i[r];
        end else begin : g_inner_col
          assign act_in = g_row[r].g_col[c-1].act_out;
          assign row_en_in = g_row[r].g_col[c-1].row_en_out;
          assign swap_in = g_row[r].g_col[c-1].swap_out;
        end
        if (r == 0) begin : g_top
          assign weight_in = weight_i[c*WWidth+:WWidth];
          assign en_in = en_i[c];
          assign psum_in = {PsumWidth{1'b0}};
          assign overflow_in = 1'b0;
        end else begin : g_inner_row
          assign weight_in = g_row[r-1].g_col[c].weight_out;
          assign en_in = g_row[r-1].g_col[c].en_out;
          assign psum_in = g_row[r-1].g_col[c].psum_out;
          assign overflow_in = g_row[r-1].g_col[c].overflow_out;
        end

        c_unit #(
            .DWidth(DWidth),
            .WWidth(WWidth),
            .PsumWidth(PsumWidth)
        ) u_c (
            .clk_i(clk_i),
            .rst_ni(rst_ni),
            .step_i(step_i),
            .zero_en_i(zero_en_i),
            .psum_max_i(psum_max_i),
            .act_i(act_in),
            .act_o(act_out),
            .row_en_i(row_en_in),
            .row_en_o(row_en_out),
            .swap_i(swap_in),
            .swap_o(swap_out),
            .weight_i(weight_in),
            .weight_o(weight_out),
            .en_i(en_in),
            .en_o(en_out),
            .overflow_i(overflow_in),
            .overflow_o(overflow_out),
            .psum_i(psum_in),
            .psum_o(psum_out)
        );
        if (c == Cols - 1) begin : g_right
          wire unused_right = ^{act_out, row_en_out, swap_out};
        end
        if (r == Rows - 1) begin : g_bottom
          wire unused_bottom = ^weight_out;
          assign psum_o[c*PsumWidth+:PsumWidth] = psum_out;
          assign en_o[c] = en_out;
          assign overflow_o[c] = overflow_out;
        end
      end
    end
  endgenerate
endmodule
