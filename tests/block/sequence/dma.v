// SPDX-License-Identifier: Apache-2.0
// What AxiMemory is tested against: an AXI4 master that copies 64 words of 32 bits from address 0 to address 0x400, four
// bursts of 16, reads as early as it can, a burst's beats perhaps before its address. done_o is a pulse. `bug_i` plants
// one fault.
//
// bug_i    1: a WRAP burst   2: beats of two bytes   3: an unaligned address   4: a second ID   5: a burst across 4 KiB
//          6: a burst beyond the words   7: last one beat early   8: the read address changes while it waits
//          9: data changes while they wait   10: done_o stays 1 for two cycles   11: strobes leave out the highest byte
//          12: reads the word behind the last
module dma (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire [3:0]  bug_i,
    input  wire        start_i,
    output reg         done_o,

    output wire        arvalid_o,
    input  wire        arready_i,
    output wire [31:0] araddr_o,
    output wire [7:0]  arlen_o,
    output wire [2:0]  arsize_o,
    output wire [1:0]  arburst_o,
    output wire [3:0]  arid_o,
    input  wire        rvalid_i,
    output wire        rready_o,
    input  wire [31:0] rdata_i,
    input  wire [1:0]  rresp_i,
    input  wire        rlast_i,
    input  wire [3:0]  rid_i,
    output wire        awvalid_o,
    input  wire        awready_i,
    output wire [31:0] awaddr_o,
    output wire [7:0]  awlen_o,
    output wire [2:0]  awsize_o,
    output wire [1:0]  awburst_o,
    output wire [3:0]  awid_o,
    output wire        wvalid_o,
    input  wire        wready_i,
    output wire [31:0] wdata_o,
    output wire [3:0]  wstrb_o,
    output wire        wlast_o,
    input  wire        bvalid_i,
    output wire        bready_o,
    input  wire [1:0]  bresp_i,
    input  wire [3:0]  bid_i,
    output reg         wrong_o  // an answer other than OKAY, another ID, last at another beat
);

  reg        run_q;
  reg [2:0]  ar_q, aw_q, b_q;   // bursts asked for, announced, answered
  reg [6:0]  r_q, w_q;          // beats that came, that went
  reg [31:0] word_q [0:63];
  reg        ar_waited_q, w_waited_q;

  wire second = ar_q == 3'd1;
  assign arvalid_o = run_q && ar_q < 3'd4;
  assign araddr_o  = bug_i == 4'd5 && second ? 32'hff0 : bug_i == 4'd12 && second ? 32'h800 :
                     {23'd0, ar_q ^ {2'd0, bug_i == 4'd8 && ar_waited_q}, 6'd0} + {30'd0, {2{bug_i == 4'd3 && second}}};
  assign arlen_o   = 8'd15;
  assign arsize_o  = bug_i == 4'd2 && second ? 3'd1 : 3'd2;
  assign arburst_o = bug_i == 4'd1 && second ? 2'd2 : 2'd1;
  assign arid_o    = bug_i == 4'd4 && second ? 4'd6 : 4'd5;
  assign rready_o  = run_q;

  wire [6:0] whole = {r_q[6:4], 4'd0};  // beats of bursts that came whole
  assign awvalid_o = run_q && {aw_q, 4'd0} < whole;
  assign awaddr_o  = bug_i == 4'd6 ? 32'h8000 : 32'h400 + {23'd0, aw_q, 6'd0};
  assign awlen_o   = 8'd15;
  assign awsize_o  = 3'd2;
  assign awburst_o = 2'd1;
  assign awid_o    = 4'd5;
  assign wvalid_o  = run_q && w_q < whole;
  assign wdata_o   = word_q[w_q[5:0]] ^ {31'd0, bug_i == 4'd9 && w_waited_q};
  assign wstrb_o   = bug_i == 4'd11 ? 4'b0111 : 4'b1111;
  assign wlast_o   = w_q[3:0] == (bug_i == 4'd7 ? 4'd14 : 4'd15);
  assign bready_o  = run_q;

  wire last_answer = bvalid_i && b_q == 3'd3;
  reg  again_q;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q <= 1'b0;
      {ar_q, aw_q, b_q} <= 9'd0;
      {r_q, w_q} <= 14'd0;
      {ar_waited_q, w_waited_q} <= 2'd0;
      {done_o, again_q, wrong_o} <= 3'd0;
    end else begin
      if (start_i) run_q <= 1'b1;
      if (arvalid_o && arready_i) ar_q <= ar_q + 3'd1;
      if (awvalid_o && awready_i) aw_q <= aw_q + 3'd1;
      if (rvalid_i && rready_o) r_q <= r_q + 7'd1;
      if (wvalid_o && wready_i) w_q <= w_q + 7'd1;
      if (bvalid_i && bready_o) b_q <= b_q + 3'd1;
      ar_waited_q <= arvalid_o && !arready_i;
      w_waited_q  <= wvalid_o && !wready_i;
      again_q     <= run_q && last_answer;
      done_o      <= (run_q && last_answer) || (again_q && bug_i == 4'd10);
      if (rvalid_i && (rresp_i != 2'd0 || rid_i != 4'd5 || rlast_i != (r_q[3:0] == 4'd15))) wrong_o <= 1'b1;
      if (bvalid_i && (bresp_i != 2'd0 || bid_i != 4'd5)) wrong_o <= 1'b1;
    end
  end
  always @(posedge clk_i) if (rvalid_i && rready_o) word_q[r_q[5:0]] <= rdata_i;

endmodule
