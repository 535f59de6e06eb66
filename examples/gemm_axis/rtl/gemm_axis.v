// SPDX-License-Identifier: Apache-2.0
// Output-stationary int8 matrix product: Y[r][c] = requantize(bias[c] + sum over k of (A[r][k] - zero_a) * B[k][c]).
//
// Interfaces   AXI4-Lite slave (32 bit, one access at a time) for parameters and start; AXI4-Stream slaves A (a beat: A[0..N-1][k])
//              and B (a beat: B[k][0..N-1]), which move together: each one's ready depends on the other's valid
//              combinationally; AXI4-Stream master Y, one row a beat, last with the final one.
// Registers    0x000 control: a write of 1 starts; reads 1 while busy    0x004 k - 1    0x008 rows of Y that are sent - 1
//              0x00c zero_a   0x010 zero_y   0x014 act_min   0x018 act_max
//              0x100 + 4c bias    0x200 + 4c m0    0x300 + 4c n    for column c < N
// Equation     requantize(x) = saturate(round_half_away(high_mul(x, m0) / 2^n) + zero_y, act_min, act_max),
//              high_mul(x, m0) = floor((x * m0 + 2^30) / 2^31)
// Latency      k cycles of products, then 2 cycles a row of Y for requantization and sending
// Throughput   N * N products a cycle while both streams move
// Range        |A - zero_a| <= 255, |B| <= 128, k <= 2^16: sums stay below 2^31; 0 <= m0 < 2^31, 0 <= n <= 31
module gemm_axis #(
    parameter N = 8  // at most: a row is chosen by three bits
) (
    input  wire            aclk,
    input  wire            aresetn,

    input  wire            s_axil_awvalid,
    output wire            s_axil_awready,
    input  wire [11:0]     s_axil_awaddr,
    input  wire            s_axil_wvalid,
    output wire            s_axil_wready,
    input  wire [31:0]     s_axil_wdata,
    output reg             s_axil_bvalid,
    input  wire            s_axil_bready,
    output wire [1:0]      s_axil_bresp,
    input  wire            s_axil_arvalid,
    output wire            s_axil_arready,
    input  wire [11:0]     s_axil_araddr,
    output reg             s_axil_rvalid,
    input  wire            s_axil_rready,
    output reg  [31:0]     s_axil_rdata,
    output wire [1:0]      s_axil_rresp,

    input  wire            s_axis_a_tvalid,
    output wire            s_axis_a_tready,
    input  wire [8*N-1:0]  s_axis_a_tdata,
    input  wire            s_axis_b_tvalid,
    output wire            s_axis_b_tready,
    input  wire [8*N-1:0]  s_axis_b_tdata,
    output wire            m_axis_y_tvalid,
    input  wire            m_axis_y_tready,
    output wire [8*N-1:0]  m_axis_y_tdata,
    output wire            m_axis_y_tlast
);

  localparam S_IDLE = 2'd0, S_PRODUCTS = 2'd1, S_ROUND = 2'd2, S_SEND = 2'd3;

  reg [1:0]         state_q;
  reg [15:0]        k_last_q, k_q;
  reg [7:0]         row_last_q, row_q;
  reg signed [7:0]  zero_a_q, zero_y_q, act_min_q, act_max_q;
  reg signed [31:0] bias_q [0:N-1];
  reg [30:0]        m0_q   [0:N-1];
  reg [4:0]         n_q    [0:N-1];
  reg signed [31:0] sum_q  [0:N*N-1];
  reg signed [7:0]  y_q    [0:N-1];

  // ---- parameters

  wire write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_awready = write;
  assign s_axil_wready  = write;
  assign s_axil_bresp   = 2'b00;
  assign s_axil_arready = !s_axil_rvalid;
  assign s_axil_rresp   = 2'b00;

  wire start = write && s_axil_awaddr == 12'h000 && s_axil_wdata[0];

  integer c;
  always @(posedge aclk or negedge aresetn) begin
    if (!aresetn) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
      s_axil_rdata  <= 32'd0;
    end else begin
      if (write) s_axil_bvalid <= 1'b1;
      else if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_arvalid && s_axil_arready) begin
        s_axil_rvalid <= 1'b1;
        s_axil_rdata  <= s_axil_araddr == 12'h000 ? {31'd0, state_q != S_IDLE} : 32'd0;
      end else if (s_axil_rready) begin
        s_axil_rvalid <= 1'b0;
      end
    end
  end

  always @(posedge aclk) begin
    if (write) begin
      case (s_axil_awaddr)
        12'h004: k_last_q   <= s_axil_wdata[15:0];
        12'h008: row_last_q <= s_axil_wdata[7:0];
        12'h00c: zero_a_q   <= s_axil_wdata[7:0];
        12'h010: zero_y_q   <= s_axil_wdata[7:0];
        12'h014: act_min_q  <= s_axil_wdata[7:0];
        12'h018: act_max_q  <= s_axil_wdata[7:0];
        default: ;
      endcase
      for (c = 0; c < N; c = c + 1) begin
        if (s_axil_awaddr[7:0] == 8'd4 * c[7:0]) begin
          if (s_axil_awaddr[11:8] == 4'h1) bias_q[c] <= s_axil_wdata;
          if (s_axil_awaddr[11:8] == 4'h2) m0_q[c]   <= s_axil_wdata[30:0];
          if (s_axil_awaddr[11:8] == 4'h3) n_q[c]    <= s_axil_wdata[4:0];
        end
      end
    end
  end

  // ---- state

  wire move = state_q == S_PRODUCTS && s_axis_a_tvalid && s_axis_b_tvalid;
  assign s_axis_a_tready = state_q == S_PRODUCTS && s_axis_b_tvalid;
  assign s_axis_b_tready = state_q == S_PRODUCTS && s_axis_a_tvalid;
  assign m_axis_y_tvalid = state_q == S_SEND;
  assign m_axis_y_tlast  = state_q == S_SEND && row_q == row_last_q;

  always @(posedge aclk or negedge aresetn) begin
    if (!aresetn) begin
      state_q <= S_IDLE;
      k_q     <= 16'd0;
      row_q   <= 8'd0;
    end else begin
      case (state_q)
        S_IDLE: if (start) begin
          state_q <= S_PRODUCTS;
          k_q     <= 16'd0;
          row_q   <= 8'd0;
        end
        S_PRODUCTS: if (move) begin
          k_q <= k_q + 16'd1;
          if (k_q == k_last_q) state_q <= S_ROUND;
        end
        S_ROUND: state_q <= S_SEND;
        default: if (m_axis_y_tready) begin
          row_q   <= row_q + 8'd1;
          state_q <= m_axis_y_tlast ? S_IDLE : S_ROUND;
        end
      endcase
    end
  end

  // ---- products

  genvar i, j;
  generate
    for (i = 0; i < N; i = i + 1) begin : g_row
      wire signed [8:0] a = $signed(s_axis_a_tdata[8*i +: 8]) - zero_a_q;
      for (j = 0; j < N; j = j + 1) begin : g_col
        wire signed [7:0]  b       = s_axis_b_tdata[8*j +: 8];
        wire signed [16:0] product = a * b;
        always @(posedge aclk) begin
          if (state_q == S_IDLE) sum_q[i*N+j] <= bias_q[j];
          else if (move) sum_q[i*N+j] <= sum_q[i*N+j] + {{15{product[16]}}, product};
        end
      end
    end
  endgenerate

  // ---- one row of Y

  generate
    for (j = 0; j < N; j = j + 1) begin : g_out
      /* verilator lint_off WIDTH */  // 32-bit arithmetic as the place of one of N * N sums, N at most 8
      wire signed [31:0] sum     = sum_q[row_q[2:0] * N + j];
      /* verilator lint_on WIDTH */
      wire signed [63:0] wide    = sum * $signed({33'd0, m0_q[j]}) + 64'sd1073741824;
      wire signed [32:0] high    = wide[63:31];
      wire        [32:0] size    = high[32] ? -high : high;
`ifdef GEMM_AXIS_BUG
      // The bug of the example's test: halves go towards zero in place of away from it.
      wire        [32:0] half    = n_q[j] == 5'd0 ? 33'd0 : (33'd1 << (n_q[j] - 5'd1)) - 33'd1;
`else
      wire        [32:0] half    = n_q[j] == 5'd0 ? 33'd0 : 33'd1 << (n_q[j] - 5'd1);
`endif
      wire        [32:0] shifted = (size + half) >> n_q[j];
      wire signed [33:0] rounded = high[32] ? -$signed({1'b0, shifted}) : $signed({1'b0, shifted});
      wire signed [33:0] moved   = rounded + {{26{zero_y_q[7]}}, zero_y_q};
      wire signed [33:0] low     = {{26{act_min_q[7]}}, act_min_q};
      wire signed [33:0] top     = {{26{act_max_q[7]}}, act_max_q};
      always @(posedge aclk) begin
        if (state_q == S_ROUND) y_q[j] <= moved < low ? act_min_q : moved > top ? act_max_q : moved[7:0];
      end
      assign m_axis_y_tdata[8*j +: 8] = y_q[j];
    end
  endgenerate

endmodule
