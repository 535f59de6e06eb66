// SPDX-License-Identifier: Apache-2.0
// Names that C++, the adapter or Verilator's classes have for themselves.
module odd__names (
    input  wire        clk,
    input  wire        rst_b,
    input  wire        run_valid,
    output wire        run_ready,
    input  wire [7:0]  run_data,
    output wire        \class_valid ,
    input  wire        class_ready,
    output wire [7:0]  class_data,
    input  wire        delete,
    input  wire [2:0]  short,
    output wire        top,
    output wire        bench__x,
    input  wire [39:0] \a[1] ,
    input  wire        \s.valid ,
    input  wire [64:0] \s.data ,
    output wire [39:0] namespace
);
  reg [7:0] value_q;
  reg       full_q;
  assign run_ready  = !full_q;
  assign \class_valid = full_q;
  assign class_data = value_q;
  assign top        = delete;
  assign bench__x   = ^short;
  assign namespace  = \a[1] & {40{\s.valid }} & \s.data [39:0];
  always @(posedge clk or negedge rst_b) begin
    if (!rst_b) full_q <= 1'b0;
    else begin
      full_q <= full_q ? !class_ready : run_valid;
      if (run_valid && !full_q) value_q <= run_data;
    end
  end
endmodule
