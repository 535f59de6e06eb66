// SPDX-License-Identifier: Apache-2.0
// Memories outside: one that is read and written with byte enables through the same port, one with a write enable a
// byte, a third that is read alone; marks of direction on every name, a synchronous reset that is active high.
module ram_bytes (
    input  wire        clk_i,
    input  wire        srst_i,
    input  wire        go_i,
    output wire        finish_o,
    output wire [9:0]  buf_addr_o,
    output wire        buf_ce_o,
    output wire        buf_we_o,
    output wire [3:0]  buf_be_o,
    output wire [31:0] buf_wdata_o,
    input  wire [31:0] buf_rdata_i,
    output wire [11:0] out_addr_o,
    output wire [15:0] out_wen_o,
    output wire [127:0] out_wdata_o,
    output wire [5:0]  wgt_addr_o,
    output wire        wgt_rd_o,
    input  wire [63:0] wgt_q_i
);
  reg [7:0] step_q;
  reg       run_q;
  assign finish_o    = run_q && step_q == 8'hff;
  assign buf_addr_o  = {3'd0, step_q[7:1]};
  assign buf_ce_o    = run_q;
  assign buf_we_o    = step_q[0];
  assign buf_be_o    = step_q[1] ? 4'b0011 : 4'b1100;
  assign buf_wdata_o = buf_rdata_i + 32'd1;
  assign out_addr_o  = {4'd0, step_q};
  assign out_wen_o   = {16{run_q}};
  assign out_wdata_o = {2{wgt_q_i}};
  assign wgt_addr_o  = step_q[5:0];
  assign wgt_rd_o    = run_q;
  always @(posedge clk_i) begin
    if (srst_i) begin
      step_q <= 8'd0;
      run_q  <= 1'b0;
    end else begin
      run_q <= run_q || go_i;
      if (run_q) step_q <= step_q + 8'd1;
    end
  end
endmodule
