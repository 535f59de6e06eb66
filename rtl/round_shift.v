// round_shift: y_o = x_i / 2^shift_i rounded to an integer by rule_i (docs/numerics.md section 1):
//   0 round_shift_floor   1 round_shift_half_up   2 round_shift_half_away   4 round_shift_clipq   5 round_shift_trunc
// Codes 3, 6 and 7 round as rule 2.
//
// Every rule is the floor plus 0 or 1: with rem = x mod 2^shift, half = 2^(shift-1),
//   half_up    +1 where rem >= half                      half_away  +1 where rem > half, or rem = half and x >= 0
//   clipq      +1 where x < 0                            trunc      +1 where x < 0 and rem != 0
// Combinational. Range: 0 <= shift_i < Width; floor + 1 <= 2^(Width-1) - 1 because +1 needs shift_i > 0 or x_i < 0.
module round_shift #(
    parameter Width = 64,
    parameter ShiftWidth = 6
) (
    input  wire signed [     Width-1:0] x_i,
    input  wire        [ShiftWidth-1:0] shift_i,
    input  wire        [           2:0] rule_i,
    output wire signed [     Width-1:0] y_o
);
  localparam [2:0] Floor = 3'd0, HalfUp = 3'd1, Clipq = 3'd4, Trunc = 3'd5;

  wire signed [Width-1:0] floored = x_i >>> shift_i;
  // The bits below the point, moved up against the left edge: rem / 2^shift as a fraction of Width bits.
  wire [Width:0] fraction = {x_i, 1'b0} << (Width[ShiftWidth:0] - {1'b0, shift_i});
  wire at_least_half = fraction[Width] & (shift_i != 0);
  wire exactly_half = ~|fraction[Width-1:0];
  wire inexact = (|fraction) & (shift_i != 0);
  wire negative = x_i[Width-1];

  reg increment;
  always @* begin
    case (rule_i)
      Floor: increment = 1'b0;
      HalfUp: increment = at_least_half;
      Clipq: increment = negative;
      Trunc: increment = negative & inexact;
      default: increment = at_least_half & ~(negative & exactly_half);
    endcase
  end
  assign y_o = floored + {{(Width - 1) {1'b0}}, increment};
endmodule
