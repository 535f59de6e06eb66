// SPDX-License-Identifier: Apache-2.0
// Convolution of int8 activations with 2-bit weight codes: y = output_stage(bias[oc] + sum of act * level[code]), stride 1,
// kernel 3x3 with a padding of 1 or 1x1 without, ReLU or not. One layer a reset: `start` for a cycle, then `finish` stays 1.
//
// Memories     a word is on *_data one cycle after its address and *_rd; a write request is one word a cycle
//   param      0 map size, 1 input channels, 2 output channels, 3 kernel in bits [3:0] and ReLU in bit 8
//   weight     0 the codebook {pos, neg1, neg2, 0}; then the codes, sixteen a word, in the order
//              [oc / 4][ic / 4][tap][oc % 4][ic % 4], the first in bits [31:30]: 3 pos, 2 zero, 1 neg1, 0 neg2
//   bias       a word for each output channel, filled up to four
//   input      word (row * size + column) * ceil(channels / 4) + channel / 4, channel % 4 = 0 in bits [31:24]
//   output     as input; channels beyond the last are whatever the zero codes and biases of the filled-up ones give
// Array        four chains, one an output channel, of four c_unit cells, one an input channel, each with a psum memory:
//              a pass takes all pixels through one tap of four input channels
// Latency      7 cycles for parameters and codebook; for each four output channels 5 cycles of bias, for each four of
//              their input channels taps + 1 of codes and taps * (size^2 + 6) of passes, then size^2 + 2 of outputs
// Throughput   16 products a cycle within a pass
// Range        size <= 2^(MapBits / 2), channels <= 256: the products of a sum stay below 9 * 256 * 2^14 < 2^26, so that
//              any bias of magnitude up to 2^31 - 2^26 leaves the biased sum within 32 bits
module clipq_engine #(
    parameter MapBits = 10  // psum memories of 2^MapBits pixels
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    output wire        finish,

    output wire        param_rd,
    output wire [1:0]  param_addr,
    /* verilator lint_off UNUSEDSIGNAL */  // no parameter has more than nine bits
    input  wire [31:0] param_data,
    /* verilator lint_on UNUSEDSIGNAL */
    output wire        weight_rd,
    output wire [15:0] weight_addr,
    input  wire [31:0] weight_data,
    output wire        bias_rd,
    output wire [7:0]  bias_addr,
    input  wire [31:0] bias_data,
    output wire        input_rd,
    output wire [15:0] input_addr,
    input  wire [31:0] input_data,
    output reg         output_wr,
    output reg  [15:0] output_addr,
    output reg  [31:0] output_data
);

  localparam S_IDLE = 3'd0, S_READ_PARAM = 3'd1, S_READ_W8 = 3'd2, S_READ_BIAS = 3'd3, S_READ_W2 = 3'd4, S_MAC = 3'd5,
             S_WRITE = 3'd6, S_FINISH = 3'd7;

  reg [2:0] state_q;
  assign finish = state_q == S_FINISH;

  // ---- parameters

  reg [5:0]  size_q;
  reg [6:0]  ic_words_q, oc_words_q;  // words a pixel, four channels each
  reg        three_q, relu_q;
  reg [23:0] levels_q;                 // {pos, neg1, neg2}
  reg signed [31:0] bias_q [0:3];
  reg [31:0] codes_q [0:8];           // of the tap

  wire [3:0] taps = three_q ? 4'd9 : 4'd1;

  // ---- reads of a few words: request i in cycle i, word i in cycle i + 1

  reg  [3:0] read_q;
  reg  [3:0] reads;
  wire       asks = read_q < reads;
  wire       ends = read_q == reads;  // the last word is here
  wire [3:0] here = read_q - 4'd1;
  always @* begin
    case (state_q)
      S_READ_PARAM, S_READ_BIAS: reads = 4'd4;
      S_READ_W8: reads = 4'd1;
      default: reads = taps;
    endcase
  end

  reg [15:0] weight_q;                // address of the next word
  reg [5:0]  oc_q, ic_q;              // words of channels under way
  assign param_rd    = state_q == S_READ_PARAM && asks;
  assign param_addr  = read_q[1:0];
  assign weight_rd   = (state_q == S_READ_W8 || state_q == S_READ_W2) && asks;
  assign weight_addr = weight_q;
  assign bias_rd     = state_q == S_READ_BIAS && asks;
  assign bias_addr   = {oc_q, read_q[1:0]};

  wire [6:0] words = param_data[8:2] + {6'd0, param_data[1:0] != 2'd0};  // of so many channels
  always @(posedge clk) begin
    if (read_q != 4'd0) begin
      case (state_q)
        S_READ_PARAM: begin
          if (here == 4'd0) size_q <= param_data[5:0];
          if (here == 4'd1) ic_words_q <= words;
          if (here == 4'd2) oc_words_q <= words;
          if (here == 4'd3) three_q <= param_data[3:0] == 4'd3;
          if (here == 4'd3) relu_q <= param_data[8];
        end
        S_READ_W8:   levels_q <= weight_data[31:8];
        S_READ_BIAS: bias_q[here[1:0]] <= bias_data;
        S_READ_W2:   codes_q[here] <= weight_data;
        default: ;
      endcase
    end
  end

  // ---- pixels, in passes

  reg  [5:0]         x_q, y_q;
  reg  [MapBits-1:0] pixel_q;
  reg  [3:0]         tap_q;
  reg  [1:0]         kh_q, kw_q;
  reg                drains_q;       // all pixels of the pass are on their way
  reg  [4:0]         valid_q;        // bit i: a pixel is i + 1 cycles on its way
  reg  [MapBits-1:0] on_way_q [0:4];

  wire last_x     = x_q == size_q - 6'd1;
  wire last_pixel = last_x && y_q == size_q - 6'd1;
  wire last_tap   = tap_q == taps - 4'd1;
  wire last_ic    = ic_q + 6'd1 == ic_words_q[5:0];
  wire last_oc    = oc_q + 6'd1 == oc_words_q[5:0];
  wire issues     = (state_q == S_MAC || state_q == S_WRITE) && !drains_q;
  wire passed     = drains_q && valid_q == 5'd0;

  // The tap's pixel; -1 and size are the padding.
  wire [7:0] row    = {2'd0, y_q} + {6'd0, kh_q} - {7'd0, three_q};
  wire [7:0] column = {2'd0, x_q} + {6'd0, kw_q} - {7'd0, three_q};
  wire       on_map = row < {2'd0, size_q} && column < {2'd0, size_q};
  wire [15:0] from  = {8'd0, row} * {10'd0, size_q} + {8'd0, column};
  assign input_rd   = state_q == S_MAC && issues && on_map;
  assign input_addr = from * {9'd0, ic_words_q} + {10'd0, ic_q};

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      state_q  <= S_IDLE;
      read_q   <= 4'd0;
      weight_q <= 16'd0;
      oc_q     <= 6'd0;
      ic_q     <= 6'd0;
      x_q      <= 6'd0;
      y_q      <= 6'd0;
      pixel_q  <= {MapBits{1'b0}};
      tap_q    <= 4'd0;
      kh_q     <= 2'd0;
      kw_q     <= 2'd0;
      drains_q <= 1'b0;
    end else begin
      if (weight_rd) weight_q <= weight_q + 16'd1;
      if (issues) begin
        pixel_q  <= last_pixel ? {MapBits{1'b0}} : pixel_q + 1'b1;
        x_q      <= last_x ? 6'd0 : x_q + 6'd1;
        y_q      <= last_pixel ? 6'd0 : last_x ? y_q + 6'd1 : y_q;
        drains_q <= last_pixel;
      end
      if (passed) drains_q <= 1'b0;
      case (state_q)
        S_IDLE: if (start) state_q <= S_READ_PARAM;
        S_READ_PARAM, S_READ_W8, S_READ_BIAS, S_READ_W2: begin
          read_q <= ends ? 4'd0 : read_q + 4'd1;
          if (ends) state_q <= state_q + 3'd1;
        end
        S_MAC: if (passed) begin
          tap_q <= last_tap ? 4'd0 : tap_q + 4'd1;
          kw_q  <= last_tap || kw_q == 2'd2 ? 2'd0 : kw_q + 2'd1;
          kh_q  <= last_tap ? 2'd0 : kw_q == 2'd2 ? kh_q + 2'd1 : kh_q;
          if (last_tap) begin
            ic_q    <= last_ic ? 6'd0 : ic_q + 6'd1;
            state_q <= last_ic ? S_WRITE : S_READ_W2;
          end
        end
        S_WRITE: if (passed) begin
          oc_q    <= oc_q + 6'd1;
          state_q <= last_oc ? S_FINISH : S_READ_BIAS;
        end
        default: ;  // S_FINISH
      endcase
    end
  end

  // What goes with a pixel: a pass needs five cycles from its read to the write of its sums, an output two.
  reg     on_map_q, first_q;
  integer i;
  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) valid_q <= 5'd0;
    else valid_q <= state_q == S_WRITE ? {4'd0, issues} : {valid_q[3:0], issues};
  end
  always @(posedge clk) begin
    on_way_q[0] <= pixel_q;
    for (i = 1; i < 5; i = i + 1) on_way_q[i] <= on_way_q[i-1];
    on_map_q <= on_map;
    first_q  <= tap_q == 4'd0 && ic_q == 6'd0;
  end

  // ---- chains: input channel c meets its cell c cycles after channel 0

  wire [31:0] act = on_map_q ? input_data : 32'd0;
  reg  [23:0] act_1_q;  // channels 1 to 3
  reg  [15:0] act_2_q;
  reg  [7:0]  act_3_q;
  always @(posedge clk) begin
    act_1_q <= act[23:0];
    act_2_q <= act_1_q[15:0];
    act_3_q <= act_2_q[7:0];
  end
  wire [31:0] skewed = {act[31:24], act_1_q[23:16], act_2_q[15:8], act_3_q};
  wire [31:0] codes  = codes_q[tap_q];

  wire [31:0] y;
  genvar o, c;
  generate
    for (o = 0; o < 4; o = o + 1) begin : g_oc
      wire signed [31:0] psum;        // of the pixel, before the pass
      wire signed [31:0] chain [0:4];
      assign chain[0] = first_q ? 32'sd0 : psum;
      for (c = 0; c < 4; c = c + 1) begin : g_ic
        wire [1:0] code  = codes[30 - 2*(4*o + c) +: 2];
        wire [7:0] level = code == 2'd3 ? levels_q[23:16] : code == 2'd1 ? levels_q[15:8] : code == 2'd0 ? levels_q[7:0] : 8'd0;
        c_unit u_c_unit (
            .clk(clk), .act_i(skewed[24 - 8*c +: 8]), .level_i(level), .psum_i(chain[c]), .psum_o(chain[c+1])
        );
      end
      psum_memory #(.AddrWidth(MapBits)) u_psum_memory (
          .clk(clk), .raddr_i(pixel_q), .rdata_o(psum), .write_i(valid_q[4]), .waddr_i(on_way_q[4]), .wdata_i(chain[4])
      );
      output_stage u_output_stage (.psum_i(psum), .bias_i(bias_q[o]), .relu_i(relu_q), .y_o(y[24 - 8*o +: 8]));
    end
  endgenerate

  // ---- outputs

  wire writes = state_q == S_WRITE && valid_q[0];
  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      output_wr   <= 1'b0;
      output_addr <= 16'd0;
      output_data <= 32'd0;
    end else begin
      output_wr <= writes;
      if (writes) begin
        output_addr <= {{(16 - MapBits) {1'b0}}, on_way_q[0]} * {9'd0, oc_words_q} + {10'd0, oc_q};
        output_data <= y;
      end
    end
  end

endmodule
