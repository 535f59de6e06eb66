// SPDX-License-Identifier: Apache-2.0
// Pulses: one starts a count, one says that it is over, an interrupt stays until it is cleared.
module pulse_core (
    input  wire       core_clock,
    input  wire       nreset,
    input  wire       start_pulse,
    input  wire       irq_clear_pulse,
    input  wire [7:0] level,
    output wire       done_pulse,
    output reg        irq
);
  reg [7:0] count_q;
  assign done_pulse = count_q == 8'd1;
  always @(posedge core_clock or negedge nreset) begin
    if (!nreset) begin
      count_q <= 8'd0;
      irq     <= 1'b0;
    end else begin
      count_q <= start_pulse ? level : count_q == 8'd0 ? 8'd0 : count_q - 8'd1;
      irq     <= done_pulse || (irq && !irq_clear_pulse);
    end
  end
endmodule
