// SPDX-License-Identifier: Apache-2.0
// round_shift against the formulas of docs/numerics.md section 1, in integers that hold every step:
//   floor      floor(x / 2^s)                                half_up    floor((x + 2^(s-1)) / 2^s)
//   half_away  sign(x) * floor((abs(x) + 2^(s-1)) / 2^s)     clipq      floor(x / 2^s) + (x < 0 ? 1 : 0)
//   trunc      sign(x) * floor(abs(x) / 2^s)
// With s = 0 every rule except clipq returns x. Codes 3, 6 and 7 are no rules of that page; the module rounds as half_away.
//
// Proved for all x, all shifts below Width, all eight codes and en_i; y_o = 0 while en_i is 0.
// proof quick: round_shift_proof Width=16 ShiftWidth=4
// proof full: round_shift_proof Width=64 ShiftWidth=6
module round_shift_proof #(
    parameter Width = 64,
    parameter ShiftWidth = 6
) (
    input  wire                         en_i,
    input  wire signed [     Width-1:0] x_i,
    input  wire        [ShiftWidth-1:0] shift_i,
    input  wire        [           2:0] rule_i,
    output wire                         wrong_o
);
  localparam Exact = Width + 2;
  wire signed [Exact-1:0] one = 1;
  wire signed [Exact-1:0] x = x_i;
  wire signed [Exact-1:0] magnitude = (x < 0) ? -x : x;
  wire signed [Exact-1:0] half = (shift_i == 0) ? 0 : one <<< (shift_i - 1'b1);
  wire signed [Exact-1:0] floor = x >>> shift_i;
  wire signed [Exact-1:0] half_up = (x + half) >>> shift_i;
  wire signed [Exact-1:0] away = (magnitude + half) >>> shift_i;
  wire signed [Exact-1:0] toward = magnitude >>> shift_i;
  reg signed [Exact-1:0] y;
  always @* begin
    case (rule_i)
      0: y = floor;
      1: y = half_up;
      4: y = (x < 0) ? floor + one : floor;
      5: y = (x < 0) ? -toward : toward;
      default: y = (x < 0) ? -away : away;
    endcase
    if (!en_i) y = 0;
  end

  wire signed [Width-1:0] found;
  round_shift #(
      .Width(Width),
      .ShiftWidth(ShiftWidth)
  ) u_module (
      .en_i(en_i),
      .x_i(x_i),
      .shift_i(shift_i),
      .rule_i(rule_i),
      .y_o(found)
  );
  assign wrong_o = found != y;
endmodule
