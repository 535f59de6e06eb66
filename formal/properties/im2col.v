// SPDX-License-Identifier: Apache-2.0
// im2col against docs/timing.md section 6.
//
// walk: a beat of a pass follows the other, row major, kw inside kh inside ic inside oc; mid_o, pixel_o and what is
// said of a pass are those of that walk; a pass counts its pixels up from 0 and nothing moves without issue_i. For all
// inputs, of a layer that has at least one of everything and keeps its sizes from its first beat to its last, which
// accel.v proves (layers).
// proof quick: im2col_properties.walk_wrong_o
// fault im2col: if (last_ox) oy_q => if (last_ox & ~mid_q) oy_q
// fault im2col: (ic_q == 16'd0) & (kh_q == 4'd0) => (kh_q == 4'd0)
// fault im2col: pixel_q <= last_beat ? => pixel_q <= last_ox ?
// fault im2col: if (last_kw) kh_q => kh_q
// fault im2col: last_tap & last_ic & last_oc; => last_tap & last_oc;
//
// tap: where the tap of the beat lies by section 6, counted in more bits than it can need, it is padding, or word iy *
// in_w + ix of the bank. For all values of all counters.
// proof full: im2col_properties.tap_wrong_o
// fault im2col: (iy >= {5'd0, in_h_i}) => (iy > {5'd0, in_h_i})
// fault im2col: outside ? {AddrWidth{1'b0}} : word => word
// fault im2col: - {9'd0, pad_left_i} => - {9'd0, pad_top_i}
// fault im2col: {9'd0, kh_q} * {9'd0, dilation_h_i} => {9'd0, kh_q} * {9'd0, dilation_w_i}
//
// range: a word that is read is one of the in_h * in_w that were filled, where the bank holds so many. For all values
// of all counters.
// proof quick: im2col_properties.range_wrong_o
// fault im2col: (iy >= {5'd0, in_h_i}) | (ix => (iy > {5'd0, in_h_i}) | (ix
// fault im2col: | (ix >= {5'd0, in_w_i}) => | (ix > {5'd0, in_w_i})
module im2col_properties (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        issue_i,
    input  wire [95:0] header_i,
    output wire        walk_wrong_o,
    output wire        tap_wrong_o,
    output wire        range_wrong_o
);
  wire mid, padding, second_ic, last_beat, first_pass, final_pass, last_pass, release_bank;
  wire [8:0] addr, pixel;
  im2col #(
      .AddrWidth(9),
      .PixelWidth(9)
  ) u_module (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .issue_i(issue_i),
      .in_h_i(header_i[7:0]),
      .in_w_i(header_i[15:8]),
      .out_h_i(header_i[23:16]),
      .out_w_i(header_i[31:24]),
      .kernel_h_i(header_i[35:32]),
      .kernel_w_i(header_i[39:36]),
      .stride_h_i(header_i[43:40]),
      .stride_w_i(header_i[47:44]),
      .dilation_h_i(header_i[51:48]),
      .dilation_w_i(header_i[55:52]),
      .pad_top_i(header_i[59:56]),
      .pad_left_i(header_i[63:60]),
      .ic_tiles_i(header_i[79:64]),
      .oc_tiles_i(header_i[95:80]),
      .mid_o(mid),
      .padding_o(padding),
      .addr_o(addr),
      .pixel_o(pixel),
      .second_ic_o(second_ic),
      .last_beat_o(last_beat),
      .first_pass_o(first_pass),
      .final_pass_o(final_pass),
      .last_pass_o(last_pass),
      .release_o(release_bank)
  );
  wire [7:0] in_h = header_i[7:0], in_w = header_i[15:8], out_h = header_i[23:16], out_w = header_i[31:24];
  wire [3:0] kernel_h = header_i[35:32], kernel_w = header_i[39:36];
  wire [15:0] ic_tiles = header_i[79:64], oc_tiles = header_i[95:80];

  reg [8:0] oy, ox;
  reg [4:0] kh, kw;
  reg [16:0] ic, oc;
  reg [8:0] beat;
  reg moved, misused;
  reg [95:0] header;
  wire ends_row = ox + 9'd1 == {1'b0, out_w};
  wire ends_pass = ends_row & (oy + 9'd1 == {1'b0, out_h});
  wire ends_kw = kw + 5'd1 == {1'b0, kernel_w};
  wire ends_taps = ends_kw & (kh + 5'd1 == {1'b0, kernel_h});
  wire ends_ic = ends_taps & (ic + 17'd1 == {1'b0, ic_tiles});
  wire ends_oc = ends_ic & (oc + 17'd1 == {1'b0, oc_tiles});
  wire zero_size = (out_h == 0) | (out_w == 0) | (kernel_h == 0) | (kernel_w == 0) | (ic_tiles == 0) | (oc_tiles == 0);
  wire bad_use = misused | zero_size | (moved & (header != header_i));
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {oy, ox, kh, kw, ic, oc, beat, moved, misused, header} <= 0;
    end else begin
      header <= header_i;
      if (bad_use) misused <= 1'b1;
      if (issue_i) begin
        moved <= ~(ends_pass & ends_oc);  // the layer is under way
        beat  <= ends_pass ? 9'd0 : beat + 9'd1;
        ox    <= ends_row ? 9'd0 : ox + 9'd1;
        if (ends_row) oy <= ends_pass ? 9'd0 : oy + 9'd1;
        if (ends_pass) begin
          kw <= ends_kw ? 5'd0 : kw + 5'd1;
          if (ends_kw) kh <= ends_taps ? 5'd0 : kh + 5'd1;
          if (ends_taps) ic <= ends_ic ? 17'd0 : ic + 17'd1;
          if (ends_ic) oc <= ends_oc ? 17'd0 : oc + 17'd1;
        end
      end
    end
  end
  (* hierconn *) wire [7:0] \u_module.oy_q , \u_module.ox_q ;
  (* hierconn *) wire [3:0] \u_module.kh_q , \u_module.kw_q ;
  (* hierconn *) wire [15:0] \u_module.ic_q , \u_module.oc_q ;
  wire counters_wrong = (oy != \u_module.oy_q ) | (ox != \u_module.ox_q ) | (kh != \u_module.kh_q ) |
      (kw != \u_module.kw_q ) |
      (ic != \u_module.ic_q ) | (oc != \u_module.oc_q );
  // Counters stay below the sizes of their layer, and stand at 0 between layers.
  wire in_range = moved ? (oy < header[23:16]) & (ox < header[31:24]) & (kh < header[35:32]) & (kw < header[39:36]) &
      (ic < header[79:64]) &
      (oc < header[95:80]) : ({oy, ox, beat, kh, kw, ic, oc} == 0);
  assign walk_wrong_o = ~bad_use & (counters_wrong | ~in_range | (pixel != beat) | (last_beat != ends_pass) |
      (second_ic != ic[0]) |
      (first_pass != ((kh == 0) & (kw == 0) & (ic == 0))) | (final_pass != ends_ic) | (last_pass != ends_oc) |
      (release_bank != (issue_i & ends_pass & ends_taps)) | (mid != ((oy != 0) | (ox != 0))));

  // The tap, from the counters of the module.
  integer iy, ix, word;
  always @* begin
    iy = \u_module.oy_q * header_i[43:40] + \u_module.kh_q * header_i[51:48] - header_i[59:56];
    ix = \u_module.ox_q * header_i[47:44] + \u_module.kw_q * header_i[55:52] - header_i[63:60];
    word = iy * in_w + ix;
  end
  wire outside = (iy < 0) | (iy >= in_h) | (ix < 0) | (ix >= in_w);
  assign tap_wrong_o = (padding != outside) | (addr != (outside ? 9'd0 : word[8:0]));
  wire [15:0] words = in_h * in_w;
  assign range_wrong_o = ~padding & (words <= 16'd512) & ({7'd0, addr} >= words);
endmodule
