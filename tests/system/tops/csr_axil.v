// SPDX-License-Identifier: Apache-2.0
// Registers behind AXI4-Lite as interface wizards name them, and an interrupt.
module csr_axil #(
    parameter C_S00_AXI_ADDR_WIDTH = 6
) (
    input  wire                            s00_axi_aclk,
    input  wire                            s00_axi_aresetn,
    input  wire [C_S00_AXI_ADDR_WIDTH-1:0] s00_axi_awaddr,
    input  wire [2:0]                      s00_axi_awprot,
    input  wire                            s00_axi_awvalid,
    output wire                            s00_axi_awready,
    input  wire [31:0]                     s00_axi_wdata,
    input  wire [3:0]                      s00_axi_wstrb,
    input  wire                            s00_axi_wvalid,
    output wire                            s00_axi_wready,
    output wire [1:0]                      s00_axi_bresp,
    output reg                             s00_axi_bvalid,
    input  wire                            s00_axi_bready,
    input  wire [C_S00_AXI_ADDR_WIDTH-1:0] s00_axi_araddr,
    input  wire [2:0]                      s00_axi_arprot,
    input  wire                            s00_axi_arvalid,
    output wire                            s00_axi_arready,
    output reg  [31:0]                     s00_axi_rdata,
    output wire [1:0]                      s00_axi_rresp,
    output reg                             s00_axi_rvalid,
    input  wire                            s00_axi_rready,
    output wire                            irq
);
  reg [31:0] value_q;
  wire write = s00_axi_awvalid && s00_axi_wvalid && !s00_axi_bvalid;
  assign s00_axi_awready = write;
  assign s00_axi_wready  = write;
  assign s00_axi_bresp   = 2'b00;
  assign s00_axi_rresp   = 2'b00;
  assign s00_axi_arready = !s00_axi_rvalid;
  assign irq             = value_q[31];
  always @(posedge s00_axi_aclk) begin
    if (!s00_axi_aresetn) begin
      s00_axi_bvalid <= 1'b0;
      s00_axi_rvalid <= 1'b0;
      value_q        <= 32'd0;
    end else begin
      if (write) value_q <= s00_axi_wdata;
      s00_axi_bvalid <= write || (s00_axi_bvalid && !s00_axi_bready);
      if (s00_axi_arready) s00_axi_rdata <= value_q + {26'd0, s00_axi_araddr[5:0]};
      s00_axi_rvalid <= (s00_axi_arvalid && s00_axi_arready) || (s00_axi_rvalid && !s00_axi_rready);
    end
  end
endmodule
