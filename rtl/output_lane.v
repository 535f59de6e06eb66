// SPDX-License-Identifier: Apache-2.0
// output_lane: accumulated psum to output value, one column (docs/numerics.md section 4).
//
//   O1  add2: products of the operands                          else: the psum moves on
//   O2  biased  <= clamp_psum(psum + bias)                      add2: clamp(residual sum + bias, PsumWidth - 1)
//   O3  product <= saturating_shift_left(biased, lshift) * m0   raw: biased
//   O4  value_o  = saturate(round(product) + zero_out, act_min, act_max)     raw: product
// A register moves only when its beat is there (o1_en_i .. o4_en_i), one beat a step; latency three steps, value_o is combinational in the fourth.
// Range: 32-bit arithmetic on sign-extended psums; a raw value fits PsumWidth because clamp_psum put it there.
module output_lane #(
    parameter PsumWidth = 32,
    parameter ParTiles = 8,
    parameter SlotWidth = 3
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    input  wire                        o1_en_i,
    input  wire                        o2_en_i,
    input  wire                        o3_en_i,
    input  wire                        o4_en_i,
    input  wire [       SlotWidth-1:0] o2_slot_i,
    input  wire [       SlotWidth-1:0] o3_slot_i,
    input  wire [       SlotWidth-1:0] o4_slot_i,
    // layer
    input  wire                        add2_i,
    input  wire                        raw_i,
    input  wire                        multiply_i,
    input  wire [                 2:0] rule_i,
    input  wire signed [PsumWidth-1:0] psum_max_i,
    input  wire signed [         15:0] zero_out_i,
    input  wire signed [         15:0] act_min_i,
    input  wire signed [         15:0] act_max_i,
    input  wire signed [         31:0] m_a_i,
    input  wire [                 4:0] lshift_a_i,
    input  wire [                 4:0] n_a_i,
    input  wire signed [         31:0] m_b_i,
    input  wire [                 4:0] lshift_b_i,
    input  wire [                 4:0] n_b_i,
    // channel table
    input  wire                        par_we_i,
    input  wire [       SlotWidth-1:0] par_slot_i,
    input  wire [                31:0] par_bias_i,
    input  wire [                31:0] par_m0_i,
    input  wire [                 4:0] par_lshift_i,
    input  wire [                 4:0] par_n_i,
    // data
    input  wire signed [PsumWidth-1:0] acc_i,
    input  wire signed [PsumWidth-1:0] operand_b_i,
    output wire [       PsumWidth-1:0] value_o,
    output wire                        overflow_o
);
  localparam Extra = 32 - PsumWidth;

  wire [31:0] bias, m0;
  wire [4:0] lshift, n;
  reg signed [PsumWidth-1:0] psum_q;
  reg signed [31:0] biased_q;
  reg signed [63:0] product_q;

  channel_table #(
      .Tiles(ParTiles),
      .SlotWidth(SlotWidth)
  ) u_channel_table (
      .clk_i(clk_i),
      .we_i(par_we_i),
      .slot_i(par_slot_i),
      .bias_i(par_bias_i),
      .m0_i(par_m0_i),
      .lshift_i(par_lshift_i),
      .n_i(par_n_i),
      .bias_slot_i(o2_slot_i),
      .bias_o(bias),
      .mul_slot_i(o3_slot_i),
      .m0_o(m0),
      .lshift_o(lshift),
      .round_slot_i(o4_slot_i),
      .n_o(n)
  );

  // O1
  wire signed [31:0] residual;
  wire signed [31:0] acc_wide = {{(Extra + 1) {acc_i[PsumWidth-1]}}, acc_i[PsumWidth-2:0]};
  wire signed [31:0] operand_b_wide = {{(Extra + 1) {operand_b_i[PsumWidth-1]}}, operand_b_i[PsumWidth-2:0]};
  residual_add u_residual_add (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .mul_en_i(o1_en_i & add2_i),
      .round_en_i(o2_en_i & add2_i),
      .rule_i(rule_i),
      .m_a_i(m_a_i),
      .lshift_a_i(lshift_a_i),
      .n_a_i(n_a_i),
      .m_b_i(m_b_i),
      .lshift_b_i(lshift_b_i),
      .n_b_i(n_b_i),
      .a_i(acc_wide),
      .b_i(operand_b_wide),
      .sum_o(residual)
  );

  // O2
  wire signed [31:0] psum_wide = {{(Extra + 1) {psum_q[PsumWidth-1]}}, psum_q[PsumWidth-2:0]};
  wire signed [31:0] native_max = {{(Extra + 1) {1'b0}}, {(PsumWidth - 1) {1'b1}}};
  wire signed [31:0] psum_max_wide = {{(Extra + 1) {psum_max_i[PsumWidth-1]}}, psum_max_i[PsumWidth-2:0]};
  wire signed [31:0] biased;
  wire signed [31:0] base = add2_i ? residual : psum_wide;
  wire signed [31:0] bound = add2_i ? native_max : psum_max_wide;
  wire bias_overflow;
  clamp_add #(
      .Width(32)
  ) u_clamp_add (
      .a_i(base),
      .b_i(bias),
      .max_i(bound),
      .sum_o(biased),
      .overflow_o(bias_overflow)
  );

  // O3
  wire signed [63:0] product;
  requantize_mul u_mul (
      .en_i(o3_en_i & ~raw_i),
      .x_i(biased_q),
      .multiply_i(multiply_i),
      .m0_i(m0),
      .lshift_i(lshift),
      .product_o(product)
  );

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      psum_q <= {PsumWidth{1'b0}};
      biased_q <= 32'd0;
      product_q <= 64'd0;
    end else begin
      if (o1_en_i) psum_q <= acc_i;
      if (o2_en_i) biased_q <= biased;
      if (o3_en_i) product_q <= raw_i ? {{32{biased_q[31]}}, biased_q} : product;
    end
  end

  // O4
  wire signed [33:0] rounded;
  requantize_round u_round (
      .en_i(o4_en_i & ~raw_i),
      .product_i(product_q),
      .multiply_i(multiply_i),
      .rule_i(rule_i),
      .n_i(n),
      .y_o(rounded)
  );
  wire signed [34:0] shifted_zero = {rounded[33], rounded} + {{19{zero_out_i[15]}}, zero_out_i};
  wire signed [34:0] low = {{19{act_min_i[15]}}, act_min_i};
  wire signed [34:0] high = {{19{act_max_i[15]}}, act_max_i};
  wire signed [34:0] value = raw_i ? product_q[34:0] : (shifted_zero < low) ? low : (shifted_zero > high) ? high : shifted_zero;

  wire [34-PsumWidth:0] unused_high;
  assign {unused_high, value_o} = value;
  assign overflow_o = o2_en_i & bias_overflow;
endmodule
