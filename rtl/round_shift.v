// SPDX-License-Identifier: Apache-2.0
// round_shift: y_o = x_i / 2^shift_i rounded to an integer by rule_i (docs/numerics.md section 1):
//   0 round_shift_floor   1 round_shift_half_up   2 round_shift_half_away   4 round_shift_clipq   5 round_shift_trunc
// Codes 3, 6 and 7 round as rule 2.
//
// Every rule is the floor plus 0 or 1: with rem = x mod 2^shift, half = 2^(shift-1),
//   half_up    +1 where rem >= half                      half_away  +1 where rem > half, or rem = half and x >= 0
//   clipq      +1 where x < 0                            trunc      +1 where x < 0 and rem != 0
// Combinational; while en_i is 0, y_o is 0 and nothing toggles (operand isolation). Range: 0 <= shift_i < Width; floor + 1 fits because +1 needs
// shift_i > 0 or x_i < 0.
module round_shift #(
    parameter Width = 64,
    parameter ShiftWidth = 6
) (
    input  wire                         en_i,
    input  wire signed [     Width-1:0] x_i,
    input  wire        [ShiftWidth-1:0] shift_i,
    input  wire        [           2:0] rule_i,
    output reg signed  [     Width-1:0] y_o
);
  localparam [2:0] Floor = 3'd0, HalfUp = 3'd1, Clipq = 3'd4, Trunc = 3'd5;
  localparam [Width-1:0] One = 1;

  reg [Width-1:0] half, rem;
  reg negative, increment;
  always @* begin
    half = {Width{1'b0}};
    rem = {Width{1'b0}};
    negative = 1'b0;
    increment = 1'b0;
    y_o = {Width{1'b0}};
    if (en_i) begin
      half = (One << shift_i) >> 1;
      rem = x_i & ~({Width{1'b1}} << shift_i);
      negative = x_i[Width-1];
      case (rule_i)
        Floor: increment = 1'b0;
        HalfUp: increment = (rem >= half) & (|half);
        Clipq: increment = negative;
        Trunc: increment = negative & (|rem);
        default: increment = (rem > half) | ((rem == half) & (|half) & ~negative);
      endcase
      y_o = x_i >>> shift_i;  // alone: in a sum with the unsigned concatenation the shift would be logical
      y_o = y_o + {{(Width - 1) {1'b0}}, increment};
    end
  end
endmodule
