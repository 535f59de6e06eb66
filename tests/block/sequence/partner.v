// SPDX-License-Identifier: Apache-2.0
// What the parts of sim/sequence are tested against: a relay of beats in each style of handshake, a copier between two
// memories, a register file behind AXI4-Lite. `bug_i` plants one broken rule.
//
// relay    kind_i 0: wires; valid follows valid and ready follows ready combinationally
//          1: one register; ready depends on valid combinationally      2: two registers (skid buffer), both registered
//          3: valid alone, one register: the sender never waits (only right where the receiver does not either)
//          4: one register, both handshakes registered: a beat every other cycle
//          5: one register; valid depends on ready combinationally (AXI4-Stream forbids it, and it is met with)
// copier   from start_i: word i of the source goes to word i of the target, i = 0 .. 15, with a read latency of latency_i
// bug_i    1: valid falls while the beat waits   2: data changes while it waits    3: last one beat early
//          4: the copier reads one word too far  5: the register file answers a read by itself    6: with an error
//          7: of kind 3, a beat comes when the next one pushes it
//          8: the answer to a write falls before it is taken      9: the word that was read changes while it waits
module partner (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire [2:0]  kind_i,
    input  wire [3:0]  bug_i,

    input  wire        in_valid_i,
    output wire        in_ready_o,
    input  wire [7:0]  in_data_i,
    input  wire        in_last_i,
    output wire        out_valid_o,
    input  wire        out_ready_i,
    output wire [7:0]  out_data_o,
    output wire        out_last_o,

    input  wire        start_i,
    input  wire [1:0]  latency_i,
    output wire        read_o,
    output wire [4:0]  read_addr_o,
    input  wire [15:0] read_data_i,
    output wire        write_o,
    output wire [4:0]  write_addr_o,
    output wire [15:0] write_data_o,
    output wire [1:0]  write_bytes_o,  // as kind_i says, which is the relay's affair otherwise
    output wire        done_o,

    input  wire        awvalid_i,
    output wire        awready_o,
    input  wire [7:0]  awaddr_i,
    input  wire        wvalid_i,
    output wire        wready_o,
    input  wire [31:0] wdata_i,
    output reg         bvalid_o,
    input  wire        bready_i,
    output reg  [1:0]  bresp_o,
    input  wire        arvalid_i,
    output wire        arready_o,
    input  wire [7:0]  araddr_i,
    output reg         rvalid_o,
    input  wire        rready_i,
    output reg  [31:0] rdata_o,
    output wire [1:0]  rresp_o
);

  // ---- relay

  reg  [8:0] first_q, second_q;  // last, data; the older beat is in second_q
  reg        first_valid_q, second_valid_q;
  reg        waited_q;           // the beat on the pins was not taken at the last edge
  wire [8:0] in = {in_last_i, in_data_i};

  wire pop     = out_valid && out_ready_i;
  wire room    = kind_i == 3'd2 ? !first_valid_q : !second_valid_q || (out_ready_i && kind_i != 3'd4);
  wire ready_1 = in_valid_i && room;
  assign in_ready_o = kind_i == 3'd0 ? out_ready_i : kind_i == 3'd1 ? ready_1 : kind_i == 3'd3 ? 1'b1 : room;
  wire push = in_valid_i && in_ready_o;

  wire       pushed    = kind_i == 3'd3 && bug_i == 4'd7;
  wire       shown     = kind_i == 3'd5 ? out_ready_i : in_valid_i || !pushed;
  wire       out_valid = kind_i == 3'd0 ? in_valid_i : second_valid_q && shown;
  wire [8:0] out       = kind_i == 3'd0 ? in : second_q;
  assign out_valid_o = out_valid && !(bug_i == 4'd1 && waited_q);
  assign out_data_o  = out[7:0] ^ {7'd0, bug_i == 4'd2 && waited_q};
  assign out_last_o  = bug_i == 4'd3 ? in_last_i : out[8];

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_valid_q  <= 1'b0;
      second_valid_q <= 1'b0;
      first_q        <= 9'd0;
      second_q       <= 9'd0;
      waited_q       <= 1'b0;
    end else begin
      waited_q <= out_valid_o && !out_ready_i;
      if (kind_i == 3'd2) begin
        if (pop || !second_valid_q) begin
          second_q       <= first_valid_q ? first_q : in;
          second_valid_q <= first_valid_q || push;
          first_valid_q  <= 1'b0;
        end else if (push) begin
          first_q       <= in;
          first_valid_q <= 1'b1;
        end
      end else begin
        if (push) second_q <= in;
        second_valid_q <= push || (second_valid_q && !pop && (kind_i != 3'd3 || pushed));
      end
    end
  end

  // ---- copier

  reg [4:0] next_q;
  reg       busy_q;
  reg [2:0] asked_q;              // reads whose words are still to come, the newest in bit 0
  reg [4:0] from_q [0:2];
  wire [4:0] reads = bug_i == 4'd4 ? 5'd17 : 5'd16;
  wire [3:0] asked = {asked_q, read_o};
  assign read_o       = busy_q && next_q < reads;
  assign read_addr_o  = next_q;
  assign write_o      = asked[latency_i];
  assign write_addr_o = latency_i == 2'd0 ? next_q : from_q[latency_i - 2'd1];
  assign write_data_o  = read_data_i;
  assign write_bytes_o = kind_i[1:0];
  assign done_o       = busy_q && next_q >= reads && asked_q == 3'd0;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      next_q  <= 5'd0;
      asked_q <= 3'd0;
    end else begin
      if (start_i) busy_q <= 1'b1;
      if (read_o) next_q <= next_q + 5'd1;
      asked_q <= asked[2:0];
    end
  end
  always @(posedge clk_i) begin
    from_q[0] <= next_q;
    from_q[1] <= from_q[0];
    from_q[2] <= from_q[1];
  end

  // ---- register file

  reg [31:0] file_q [0:63];
  reg        idle_q;
  wire write = awvalid_i && wvalid_i && !bvalid_o;
  assign awready_o = write;
  assign wready_o  = write;
  assign arready_o = !rvalid_o;
  assign rresp_o   = 2'b00;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bvalid_o <= 1'b0;
      bresp_o  <= 2'b00;
      rvalid_o <= 1'b0;
      rdata_o  <= 32'd0;
      idle_q   <= 1'b1;
    end else begin
      idle_q <= 1'b0;
      if (write) begin
        bvalid_o <= 1'b1;
        bresp_o  <= bug_i == 4'd6 ? 2'b10 : 2'b00;
      end else if (bready_i || bug_i == 4'd8) begin
        bvalid_o <= 1'b0;
      end
      if ((arvalid_i && arready_o) || (bug_i == 4'd5 && idle_q)) begin
        rvalid_o <= 1'b1;
        rdata_o  <= file_q[araddr_i[7:2]];
      end else if (rready_i) begin
        rvalid_o <= 1'b0;
      end else if (bug_i == 4'd9) begin
        rdata_o <= ~rdata_o;
      end
    end
  end
  always @(posedge clk_i) if (write) file_q[awaddr_i[7:2]] <= wdata_i;

endmodule
