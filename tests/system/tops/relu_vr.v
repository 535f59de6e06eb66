// SPDX-License-Identifier: Apache-2.0
// Valid and ready in both directions; upper case, a width from a parameter, a synchronous reset that is active high.
module relu_vr #(
    parameter DATA_W = 8
) (
    input  wire              CLK,
    input  wire              RST,
    input  wire              IN_VLD,
    output wire              IN_RDY,
    input  wire [DATA_W-1:0] IN_DAT,
    output reg               OUT_VLD,
    input  wire              OUT_RDY,
    output reg  [DATA_W-1:0] OUT_DAT
);
  assign IN_RDY = !OUT_VLD || OUT_RDY;
  always @(posedge CLK) begin
    if (RST) OUT_VLD <= 1'b0;
    else if (IN_RDY) begin
      OUT_VLD <= IN_VLD;
      OUT_DAT <= IN_DAT[DATA_W-1] ? {DATA_W{1'b0}} : IN_DAT;
    end
  end
endmodule
