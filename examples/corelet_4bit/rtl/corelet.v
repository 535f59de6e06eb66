// SPDX-License-Identifier: Apache-2.0
// 8 x 8 weight-stationary array of 4-bit operands with its memories, driven by an instruction word a cycle; 0 does nothing.
// What is done with the nine passes of a 3x3 kernel, which pixels stream and where their sums go, is the sequence's choice.
//
// Instruction  [10:0] address in xmem   [11] xmem = [59:28]   [12] a word of xmem is eight weights, row 7 in [31:28], of
//              the next column   [13] a word of xmem is eight activations, likewise   (one of [13:11])
//              [23:14] address in pmem   [24] the oldest sums of the ofifo are added there   [25] with [24]: in place of what
//              was there   [26] pmem goes out   [27] with [26]: through ReLU   (one of [26] and [24])
// Equation     pmem = saturate(pmem + sum over rows of activation * weight), 16 bits, a column each
// Latency      18 cycles from an activation to ofifo_valid, 2 from [26] to out_valid. pmem has a sum two cycles after [24]
// Throughput   64 products a cycle
// Range        activations 0 .. 15, weights -8 .. 7; at most 32 activations are ahead of [24]; reset is synchronous
module corelet #(
    parameter XmemBits = 11,
    parameter PmemBits = 10
) (
    input  wire         clk,
    input  wire         reset,
    input  wire [59:0]  inst,
    output wire         ofifo_valid,
    output reg          out_valid,
    output reg  [127:0] out  // column 7 in [127:112]
);

  // ---- xmem, which feeds the array

  wire [XmemBits-1:0] xaddr = inst[XmemBits-1:0];
  reg  [31:0]         xmem_q [0:(1<<XmemBits)-1];
  reg  [31:0]         word_q;
  reg                 load_q, execute_q;
  always @(posedge clk) begin
    if (inst[11]) xmem_q[xaddr] <= inst[59:28];
    word_q    <= xmem_q[xaddr];
    load_q    <= inst[12] && !reset;
    execute_q <= inst[13] && !reset;
  end

  wire [7:0]   valid;
  wire [127:0] psum, sum;
  mac_array u_mac_array (
      .clk(clk), .reset(reset), .word_i(word_q), .load_i(load_q), .execute_i(execute_q), .valid_o(valid), .psum_o(psum)
  );
  ofifo u_ofifo (
      .clk(clk), .reset(reset), .valid_i(valid), .sum_i(psum), .read_i(inst[24]), .valid_o(ofifo_valid), .sum_o(sum)
  );

  // ---- pmem: read in the cycle of the instruction, added and written in the next one

  wire [PmemBits-1:0] paddr = inst[PmemBits+13:14];
  reg  [127:0]        pmem_q [0:(1<<PmemBits)-1];
  reg  [127:0]        before_q, sum_q;
  reg  [PmemBits-1:0] paddr_q;
  reg                 add_q, first_q, out_q, relu_q;
  wire [127:0]        after, shown;
  always @(posedge clk) begin
    before_q <= pmem_q[paddr];
    sum_q    <= sum;
    paddr_q  <= paddr;
    first_q  <= inst[25];
    relu_q   <= inst[27];
    add_q    <= inst[24] && !reset;
    out_q    <= inst[26] && !reset;
    if (add_q) pmem_q[paddr_q] <= after;
    out       <= shown;
    out_valid <= out_q && !reset;
  end

  genvar c;
  generate
    for (c = 0; c < 8; c = c + 1) begin : g_col
      wire signed [15:0] was   = before_q[16*c +: 16];
      wire signed [15:0] add   = sum_q[16*c +: 16];
      wire signed [16:0] exact = (first_q ? 17'sd0 : {was[15], was}) + {add[15], add};
`ifdef CORELET_4BIT_BUG
      // The bug of the example's test: eleven bits of a sum are kept.
      assign after[16*c +: 16] = {{5{exact[10]}}, exact[10:0]};
`else
      assign after[16*c +: 16] = exact[16] == exact[15] ? exact[15:0] : {exact[16], {15{!exact[16]}}};
`endif
      assign shown[16*c +: 16] = relu_q && was[15] ? 16'd0 : was;
    end
  endgenerate

endmodule
