// SPDX-License-Identifier: Apache-2.0
// A master of AXI4 with IDs, named as high-level synthesis does, under its block control (start, done, idle, ready): it
// copies one burst of sixteen words.
module hls_master (
    input  wire        ap_clk,
    input  wire        ap_rst,
    input  wire        ap_start,
    output wire        ap_done,
    output wire        ap_idle,
    output wire        ap_ready,
    output wire        m_axi_gmem_ARVALID,
    input  wire        m_axi_gmem_ARREADY,
    output wire [31:0] m_axi_gmem_ARADDR,
    output wire [0:0]  m_axi_gmem_ARID,
    output wire [7:0]  m_axi_gmem_ARLEN,
    output wire [2:0]  m_axi_gmem_ARSIZE,
    output wire [1:0]  m_axi_gmem_ARBURST,
    output wire [1:0]  m_axi_gmem_ARLOCK,
    output wire [3:0]  m_axi_gmem_ARCACHE,
    output wire [2:0]  m_axi_gmem_ARPROT,
    output wire [3:0]  m_axi_gmem_ARQOS,
    output wire [3:0]  m_axi_gmem_ARREGION,
    input  wire        m_axi_gmem_RVALID,
    output wire        m_axi_gmem_RREADY,
    input  wire [127:0] m_axi_gmem_RDATA,
    input  wire        m_axi_gmem_RLAST,
    input  wire [0:0]  m_axi_gmem_RID,
    input  wire [1:0]  m_axi_gmem_RRESP,
    output wire        m_axi_gmem_AWVALID,
    input  wire        m_axi_gmem_AWREADY,
    output wire [31:0] m_axi_gmem_AWADDR,
    output wire [0:0]  m_axi_gmem_AWID,
    output wire [7:0]  m_axi_gmem_AWLEN,
    output wire [2:0]  m_axi_gmem_AWSIZE,
    output wire [1:0]  m_axi_gmem_AWBURST,
    output wire [1:0]  m_axi_gmem_AWLOCK,
    output wire [3:0]  m_axi_gmem_AWCACHE,
    output wire [2:0]  m_axi_gmem_AWPROT,
    output wire [3:0]  m_axi_gmem_AWQOS,
    output wire [3:0]  m_axi_gmem_AWREGION,
    output wire        m_axi_gmem_WVALID,
    input  wire        m_axi_gmem_WREADY,
    output wire [127:0] m_axi_gmem_WDATA,
    output wire [15:0] m_axi_gmem_WSTRB,
    output wire        m_axi_gmem_WLAST,
    input  wire        m_axi_gmem_BVALID,
    output wire        m_axi_gmem_BREADY,
    input  wire [1:0]  m_axi_gmem_BRESP,
    input  wire [0:0]  m_axi_gmem_BID
);
  localparam IDLE = 2'd0, ADDRESSES = 2'd1, BEATS = 2'd2, ANSWER = 2'd3;
  reg [1:0] state_q;
  reg       ar_q, aw_q;
  assign m_axi_gmem_ARVALID = state_q == ADDRESSES && !ar_q;
  assign m_axi_gmem_AWVALID = state_q == ADDRESSES && !aw_q;
  assign {m_axi_gmem_ARADDR, m_axi_gmem_AWADDR} = {32'h0, 32'h1000};
  assign {m_axi_gmem_ARLEN, m_axi_gmem_AWLEN} = {8'd15, 8'd15};
  assign {m_axi_gmem_ARSIZE, m_axi_gmem_AWSIZE} = {3'd4, 3'd4};
  assign {m_axi_gmem_ARBURST, m_axi_gmem_AWBURST} = {2'b01, 2'b01};
  assign {m_axi_gmem_ARID, m_axi_gmem_AWID, m_axi_gmem_ARLOCK, m_axi_gmem_AWLOCK} = 6'd0;
  assign {m_axi_gmem_ARCACHE, m_axi_gmem_AWCACHE, m_axi_gmem_ARPROT, m_axi_gmem_AWPROT} = 14'd0;
  assign {m_axi_gmem_ARQOS, m_axi_gmem_AWQOS, m_axi_gmem_ARREGION, m_axi_gmem_AWREGION} = 16'd0;
  assign m_axi_gmem_WVALID = state_q == BEATS && m_axi_gmem_RVALID;
  assign m_axi_gmem_RREADY = state_q == BEATS && m_axi_gmem_WREADY;
  assign m_axi_gmem_WDATA  = m_axi_gmem_RDATA;
  assign m_axi_gmem_WSTRB  = 16'hffff;
  assign m_axi_gmem_WLAST  = m_axi_gmem_RLAST;
  assign m_axi_gmem_BREADY = state_q == ANSWER;
  assign ap_done  = state_q == ANSWER && m_axi_gmem_BVALID;
  assign ap_idle  = state_q == IDLE;
  assign ap_ready = ap_done;
  always @(posedge ap_clk) begin
    if (ap_rst) begin
      state_q <= IDLE;
      ar_q    <= 1'b0;
      aw_q    <= 1'b0;
    end else begin
      ar_q <= state_q == ADDRESSES && (ar_q || m_axi_gmem_ARREADY);
      aw_q <= state_q == ADDRESSES && (aw_q || m_axi_gmem_AWREADY);
      case (state_q)
        IDLE:      if (ap_start) state_q <= ADDRESSES;
        ADDRESSES: if (ar_q && aw_q) state_q <= BEATS;
        BEATS:     if (m_axi_gmem_WVALID && m_axi_gmem_WREADY && m_axi_gmem_WLAST) state_q <= ANSWER;
        default:   if (m_axi_gmem_BVALID) state_q <= IDLE;
      endcase
    end
  end
endmodule
