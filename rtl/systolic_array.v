// SPDX-License-Identifier: Apache-2.0
// systolic_array: Rows x Cols c_units, weight stationary.
//
//   psum_o[c] = clamp-accumulate over r of a[r] * w[r][c]
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
    input  wire [     Rows*DWidth-1:0] a_i,
    input  wire [            Rows-1:0] w_en_i,
    input  wire [            Rows-1:0] swap_i,
    input  wire [     Cols*WWidth-1:0] w_i,
    input  wire [            Cols-1:0] en_i,
    output wire [  Cols*PsumWidth-1:0] psum_o,
    output wire [            Cols-1:0] en_o,
    output wire [            Cols-1:0] overflow_o
);
  genvar r, c;
  generate
    for (r = 0; r < Rows; r = r + 1) begin : g_row
      for (c = 0; c < Cols; c = c + 1) begin : g_col
        // *_w: what enters this cell from the left or from above; the plain name is what leaves it.
        wire signed [DWidth-1:0] a, a_w;
        wire signed [WWidth-1:0] w, w_w;
        wire signed [PsumWidth-1:0] psum, psum_w;
        wire w_en, w_en_w, swap, swap_w, en, en_w, overflow, overflow_w;

        if (c == 0) begin : g_left
          assign a_w = a_i[r*DWidth+:DWidth];
          assign w_en_w = w_en_i[r];
          assign swap_w = swap_i[r];
        end else begin : g_inner_col
          assign a_w = g_row[r].g_col[c-1].a;
          assign w_en_w = g_row[r].g_col[c-1].w_en;
          assign swap_w = g_row[r].g_col[c-1].swap;
        end
        if (r == 0) begin : g_top
          assign w_w = w_i[c*WWidth+:WWidth];
          assign en_w = en_i[c];
          assign psum_w = {PsumWidth{1'b0}};
          assign overflow_w = 1'b0;
        end else begin : g_inner_row
          assign w_w = g_row[r-1].g_col[c].w;
          assign en_w = g_row[r-1].g_col[c].en;
          assign psum_w = g_row[r-1].g_col[c].psum;
          assign overflow_w = g_row[r-1].g_col[c].overflow;
        end

        c_unit #(
            .DWidth(DWidth),
            .WWidth(WWidth),
            .PsumWidth(PsumWidth)
        ) u_c (
            .clk_i(clk_i),
            .rst_ni(rst_ni),
            .en_pu(step_i),
            .zero_en(zero_en_i),
            .psum_max_i(psum_max_i),
            .d_in(a_w),
            .a_out(a),
            .w_en(w_en_w),
            .w_en_out(w_en),
            .swap_in(swap_w),
            .swap_out(swap),
            .w_in(w_w),
            .w_out(w),
            .en_in(en_w),
            .en(en),
            .overflow_in(overflow_w),
            .overflow_out(overflow),
            .l_in(psum_w),
            .d_out(psum)
        );
        if (c == Cols - 1) begin : g_right
          wire unused_right = ^{a, w_en, swap};
        end
        if (r == Rows - 1) begin : g_bottom
          wire unused_bottom = ^w;
          assign psum_o[c*PsumWidth+:PsumWidth] = psum;
          assign en_o[c] = en;
          assign overflow_o[c] = overflow;
        end
      end
    end
  endgenerate
endmodule
