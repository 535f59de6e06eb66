// SPDX-License-Identifier: Apache-2.0
// Words of a file beside this one, and with missing_i of one that is not there.
module rom #(
    parameter File = "rom.hex"
) (
    input  wire       clk_i,
    input  wire       missing_i,
    input  wire [1:0] addr_i,
    output reg  [7:0] data_o
);
  reg [7:0] mem[0:3];
  initial $readmemh(File, mem);
  always @(posedge clk_i) begin
    if (missing_i) $readmemh("no_such_rom.hex", mem);
    data_o <= mem[addr_i];
  end
endmodule
