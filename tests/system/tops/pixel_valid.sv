// SPDX-License-Identifier: Apache-2.0
// Streams of valid alone, three pixels of a packed structure a beat, one row of the result with last; reset high and
// asynchronous.
package pixel_valid_pkg;
  typedef struct packed {
    logic [9:0] r, g, b;
  } pixel_t;
endpackage

module pixel_valid
  import pixel_valid_pkg::*;
#(
    parameter int unsigned Lanes = 3
) (
    input  logic               i_clk,
    input  logic               i_arst,
    input  logic               i_px_valid,
    input  pixel_t [Lanes-1:0] i_px,
    output logic               o_luma_valid,
    output logic [Lanes-1:0][11:0] o_luma_data,
    output logic               o_luma_last
);
  logic [7:0] column;
  always_ff @(posedge i_clk or posedge i_arst) begin
    if (i_arst) begin
      o_luma_valid <= 1'b0;
      o_luma_data  <= '0;
      o_luma_last  <= 1'b0;
      column       <= '0;
    end else begin
      o_luma_valid <= i_px_valid;
      o_luma_last  <= column == 8'hff;
      if (i_px_valid) begin
        column <= column + 8'd1;
        for (int i = 0; i < Lanes; i++) o_luma_data[i] <= 12'(i_px[i].r) + 12'(i_px[i].g) + 12'(i_px[i].b);
      end
    end
  end
endmodule
