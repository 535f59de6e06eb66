// SPDX-License-Identifier: Apache-2.0
// AXI4-Stream with tkeep and tlast; a packed structure of more than 64 bits on the way out, tuser that nobody needs.
typedef struct packed {
  logic [63:0] sum;
  logic [15:0] beats;
} axis_keep_total_t;

module axis_keep (
    input  logic             ap_clk,
    input  logic             ap_rst_n,
    input  logic             s_axis_tvalid,
    output logic             s_axis_tready,
    input  logic [7:0][7:0]  s_axis_tdata,
    input  logic [7:0]       s_axis_tkeep,
    input  logic             s_axis_tlast,
    input  logic [3:0]       s_axis_tuser,
    output logic             m_axis_tvalid,
    input  logic             m_axis_tready,
    output axis_keep_total_t m_axis_tdata,
    output logic [9:0]       m_axis_tkeep,
    output logic             m_axis_tlast
);
  logic [63:0] sum;
  logic [15:0] beats;
  always_comb begin
    sum = '0;
    for (int i = 0; i < 8; i++) if (s_axis_tkeep[i]) sum = sum + 64'(s_axis_tdata[i]);
  end
  assign s_axis_tready = !m_axis_tvalid;
  assign m_axis_tlast  = m_axis_tvalid;
  assign m_axis_tkeep  = '1;
  always_ff @(posedge ap_clk) begin
    if (!ap_rst_n) begin
      m_axis_tvalid <= 1'b0;
      beats         <= '0;
      m_axis_tdata  <= '0;
    end else if (s_axis_tvalid && s_axis_tready) begin
      m_axis_tvalid <= s_axis_tlast;
      m_axis_tdata  <= '{sum: m_axis_tdata.sum + sum + 64'(s_axis_tuser), beats: beats + 16'd1};
      beats         <= beats + 16'd1;
    end else if (m_axis_tready) m_axis_tvalid <= 1'b0;
  end
endmodule
