// SPDX-License-Identifier: Apache-2.0
// im2col: walks the passes of a layer and the beats of a pass, and says which activation word each beat reads.
//
//   iy = oy * stride_h + kh * dilation_h - pad_top      ix likewise      addr_o = iy * in_w + ix, padding_o where outside the map
// A pass is (oc tile, ic tile, kh, kw), kw innermost; a beat is an output pixel, row major. All outputs belong to the beat that would issue in this cycle;
// issue_i moves on. One beat a step. docs/timing.md section 6.
// Range: |iy| <= 255*15 + 15*15 and -15, so 13 signed bits; addr_o < ActDepth wherever padding_o is 0, and 0 elsewhere.
module im2col #(
    parameter AddrWidth = 12,
    parameter PixelWidth = 12
) (
    input  wire                  clk_i,
    input  wire                  rst_ni,
    input  wire                  issue_i,
    // geometry, stable during a layer
    input  wire [           7:0] in_h_i,
    input  wire [           7:0] in_w_i,
    input  wire [           7:0] out_h_i,
    input  wire [           7:0] out_w_i,
    input  wire [           3:0] kernel_h_i,
    input  wire [           3:0] kernel_w_i,
    input  wire [           3:0] stride_h_i,
    input  wire [           3:0] stride_w_i,
    input  wire [           3:0] dilation_h_i,
    input  wire [           3:0] dilation_w_i,
    input  wire [           3:0] pad_top_i,
    input  wire [           3:0] pad_left_i,
    input  wire [          15:0] ic_tiles_i,
    input  wire [          15:0] oc_tiles_i,
    // the beat in turn
    output wire                  mid_o,
    output wire                  padding_o,
    output wire [ AddrWidth-1:0] addr_o,
    output wire [PixelWidth-1:0] pixel_o,
    output wire                  second_ic_o,
    output wire                  last_beat_o,
    output wire                  first_pass_o,
    output wire                  final_pass_o,
    output wire                  last_pass_o,
    output wire                  release_o
);
  reg mid_q;
  reg [7:0] oy_q, ox_q;
  reg [3:0] kh_q, kw_q;
  reg [15:0] ic_q, oc_q;
  reg [PixelWidth-1:0] pixel_q;

  wire last_ox = (ox_q == out_w_i - 8'd1);
  wire last_beat = last_ox & (oy_q == out_h_i - 8'd1);
  wire last_kw = (kw_q == kernel_w_i - 4'd1);
  wire last_tap = last_kw & (kh_q == kernel_h_i - 4'd1);
  wire last_ic = (ic_q == ic_tiles_i - 16'd1);
  wire last_oc = (oc_q == oc_tiles_i - 16'd1);

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mid_q <= 1'b0;
      oy_q <= 8'd0;
      ox_q <= 8'd0;
      kh_q <= 4'd0;
      kw_q <= 4'd0;
      ic_q <= 16'd0;
      oc_q <= 16'd0;
      pixel_q <= {PixelWidth{1'b0}};
    end else if (issue_i) begin
      mid_q   <= ~last_beat;
      pixel_q <= last_beat ? {PixelWidth{1'b0}} : pixel_q + 1'b1;
      ox_q    <= last_ox ? 8'd0 : ox_q + 8'd1;
      if (last_ox) oy_q <= last_beat ? 8'd0 : oy_q + 8'd1;
      if (last_beat) begin
        kw_q <= last_kw ? 4'd0 : kw_q + 4'd1;
        if (last_kw) kh_q <= last_tap ? 4'd0 : kh_q + 4'd1;
        if (last_tap) ic_q <= last_ic ? 16'd0 : ic_q + 16'd1;
        if (last_tap & last_ic) oc_q <= last_oc ? 16'd0 : oc_q + 16'd1;
      end
    end
  end

  wire [12:0] iy = {5'd0, oy_q} * {9'd0, stride_h_i} + {9'd0, kh_q} * {9'd0, dilation_h_i} - {9'd0, pad_top_i};
  wire [12:0] ix = {5'd0, ox_q} * {9'd0, stride_w_i} + {9'd0, kw_q} * {9'd0, dilation_w_i} - {9'd0, pad_left_i};
  // A negative coordinate is a large unsigned one: one comparison finds both sides.
  wire outside = (iy >= {5'd0, in_h_i}) | (ix >= {5'd0, in_w_i});
  wire [AddrWidth-1:0] word = {{(AddrWidth - 8) {1'b0}}, iy[7:0]} * {{(AddrWidth - 8) {1'b0}}, in_w_i}
                            + {{(AddrWidth - 8) {1'b0}}, ix[7:0]};

  assign mid_o = mid_q;
  assign padding_o = outside;
  assign addr_o = outside ? {AddrWidth{1'b0}} : word;
  assign pixel_o = pixel_q;
  assign second_ic_o = ic_q[0];
  assign last_beat_o = last_beat;
  assign first_pass_o = (ic_q == 16'd0) & (kh_q == 4'd0) & (kw_q == 4'd0);
  assign final_pass_o = last_tap & last_ic;
  assign last_pass_o = last_tap & last_ic & last_oc;
  assign release_o = issue_i & last_beat & last_tap;
endmodule
