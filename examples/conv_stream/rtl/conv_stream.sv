// SPDX-License-Identifier: Apache-2.0
// 3x3 convolution of a raster scan: y = requantize(bias + sum over taps and channels of pixel * weight), stride 1.
//
// Interfaces   valid alone, nothing can wait: pixels of a frame, row by row, gaps allowed; `load` words; results
//              configuration pins, still while pixels come: width of a row of the frame, limits of an output
//              rst is synchronous and active high
// Frame        includes its padding; an output for each pixel that completes a 3x3 window, so width - 2 a row. A load
//              word begins a new frame
// Load         ten words a filter: its nine taps, row major, of Channels weights (channel 0 in bits [7:0]), then output_t
// Equation     requantize(x) = limit(floor((x + 2^(shift-1)) / 2^shift), y_min, y_max)
// Latency      a result comes 4 cycles after the pixel that completes its window, whatever gaps there are
// Throughput   one pixel a cycle, 9 * Channels * Filters products
// Range        3 <= width <= MaxWidth; sums of products stay below 9 * Channels * 2^14, with the bias below 2^31
module conv_stream
  import conv_stream_pkg::*;
#(
    parameter int Channels = 8,
    parameter int Filters  = 8,
    parameter int MaxWidth = 128
) (
    input  logic                           clk,
    input  logic                           rst,
    input  logic [$clog2(MaxWidth+1)-1:0]  width,
    input  value_t                         y_min,
    input  value_t                         y_max,
    input  logic                           load_valid,
    input  logic [8*Channels-1:0]          load,
    input  logic                           pixel_valid,
    input  logic [8*Channels-1:0]          pixel,
    output logic                           y_valid,
    output logic [Filters-1:0][7:0]        y
);

  typedef logic [Channels-1:0][7:0] pixel_t;
  localparam int Words = 10;  // of a filter

  // ---- parameters: a shift register, so that the first word ends up in place 0

  logic [Filters*Words-1:0][8*Channels-1:0] param_q;
  always_ff @(posedge clk) if (load_valid) param_q <= {load, param_q[Filters*Words-1:1]};

  // ---- window: two rows of the frame and the pixels of the third

  pixel_t line_q [2][MaxWidth];      // [0] is the row above the pixel's
  pixel_t window_q [3][3];
  logic [$clog2(MaxWidth)-1:0] column_q;
  logic [1:0] row_q;                 // 2: two rows are above this one
  logic       complete_q;
  wire  last_column = {1'b0, column_q} == width - 1'b1;

  always_ff @(posedge clk) begin
    if (pixel_valid) begin
      line_q[1][column_q] <= line_q[0][column_q];
      line_q[0][column_q] <= pixel;
      for (int r = 0; r < 3; r++) begin
        window_q[r][0] <= window_q[r][1];
        window_q[r][1] <= window_q[r][2];
      end
      window_q[0][2] <= line_q[1][column_q];
      window_q[1][2] <= line_q[0][column_q];
      window_q[2][2] <= pixel;
    end
    complete_q <= pixel_valid && row_q == 2 && column_q >= 2;
    if (rst || load_valid) begin
      column_q   <= '0;
      row_q      <= '0;
      complete_q <= 1'b0;
    end else if (pixel_valid) begin
      column_q <= last_column ? '0 : column_q + 1'b1;
      if (last_column && row_q != 2) row_q <= row_q + 1'b1;
    end
  end

  // ---- products, sums, outputs: a stage each

`ifdef CONV_STREAM_BUG
  localparam int SumBits = 17;       // the bug of the example's test: the largest sums wrap
`else
  localparam int SumBits = $bits(sum_t);
`endif
  localparam int RowBits = 16 + $clog2(3 * Channels);
  typedef logic signed [RowBits-1:0] row_sum_t;
  row_sum_t row_sum_q [Filters][3];  // of a row of the window
  logic signed [SumBits-1:0] sum_q [Filters];
  logic row_valid_q, sum_valid_q;

  always_ff @(posedge clk) begin
    row_valid_q <= complete_q && !rst;
    sum_valid_q <= row_valid_q && !rst;
    y_valid     <= sum_valid_q && !rst;
  end

  for (genvar f = 0; f < Filters; f++) begin : g_filter
    /* verilator lint_off UNUSEDSIGNAL */  // the unused bits
    output_t out;
    /* verilator lint_on UNUSEDSIGNAL */
    assign out = output_t'(param_q[Words*f+9]);
    always_ff @(posedge clk) begin
      for (int r = 0; r < 3; r++) begin
        automatic row_sum_t sum = 0;
        for (int c = 0; c < 3; c++) begin
          for (int i = 0; i < Channels; i++) begin
            sum += RowBits'($signed(window_q[r][c][i])) * RowBits'($signed(param_q[Words*f+3*r+c][8*i+:8]));
          end
        end
        row_sum_q[f][r] <= sum;
      end
      sum_q[f] <= SumBits'(out.bias + 32'(row_sum_q[f][0]) + 32'(row_sum_q[f][1]) + 32'(row_sum_q[f][2]));
      y[f]     <= requantized(32'(sum_q[f]), out.shift, y_min, y_max);
    end
  end

endmodule
