// SPDX-License-Identifier: Apache-2.0
// The Verilog bench of a set of memory images: sizes as local parameters, everything else is the same for every set.
#include <fmt/format.h>

#include "accel/lower/encoding.h"
#include "base/text_lines.h"
#include "vectors/readmemh/memory_set.h"
#include "vectors/set/hex_text.h"

namespace systole::vectors {

namespace {

constexpr const char* kSource = R"(
// Ends a simulation that failed with an exit code other than 0, for which Verilog-2005 has no task: Icarus has one of its
// own, every other simulator that of SystemVerilog.
`ifdef __ICARUS__
`define BENCH_FAILED $finish_and_return(1)
`else
`define BENCH_FAILED $fatal(1)
`endif

// One input stream: the words of a file, each offered until it is taken.
module bench_source #(
    parameter Width = 8,
    parameter Digits = 2,
    parameter Words = 1
) (
    input  wire             clk,
    input  wire             run,
    input  wire             withhold,
    output reg              valid,
    output reg  [Width-1:0] data,
    input  wire             ready,
    output reg  [     31:0] taken
);
  reg [Digits*4-1:0] words[0:Words-1];
  integer sent;
  wire free = ~valid | ready;
  initial begin
    valid = 1'b0;
    data  = {Width{1'b0}};
    taken = 32'd0;
    sent  = 0;
  end
  always @(posedge clk) begin
    if (run & valid & ready) taken <= taken + 32'd1;
    if (run & free) begin
      valid <= (sent < Words) & ~withhold;
      // Between beats the complement stands there, so that a design that reads it without valid reads something wrong.
      data  <= (sent < Words) & ~withhold ? words[sent][Width-1:0] : ~data;
      if ((sent < Words) & ~withhold) sent <= sent + 1;
    end
  end
endmodule
)";

constexpr const char* kBench = R"(
  reg clk = 1'b0, rst_n = 1'b0, run = 1'b0;
  reg over = 1'b0, passed = 1'b0;
  always #5 clk = ~clk;

  wire cfg_valid, cfg_ready, wgt_valid, wgt_ready, act_valid, act_ready, out_valid, out_last;
  wire [CfgWidth-1:0] cfg_data;
  wire [WgtWidthOfBeat-1:0] wgt_data;
  wire [ActWidthOfBeat-1:0] act_data;
  wire [OutWidth-2:0] out_data;
  wire [31:0] cfg_taken, wgt_taken, act_taken;
  wire [2:0] state;
  reg out_ready = 1'b0;
  reg [OutDigits*4-1:0] expected[0:OutWords-1];

  // Random choices: one linear feedback shift register (x^32 + x^22 + x^2 + x + 1), a bit for each stream.
  reg [31:0] random = 32'd1;
  reg stall_in = 1'b0, stall_out = 1'b0;
  always @(posedge clk) random <= {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};

  bench_source #(.Width(CfgWidth), .Digits(CfgDigits), .Words(CfgWords)) u_cfg (
      .clk(clk), .run(run), .withhold(stall_in & random[3]), .valid(cfg_valid), .data(cfg_data), .ready(cfg_ready), .taken(cfg_taken)
  );
  bench_source #(.Width(WgtWidthOfBeat), .Digits(WgtDigits), .Words(WgtWords)) u_wgt (
      .clk(clk), .run(run), .withhold(stall_in & random[11]), .valid(wgt_valid), .data(wgt_data), .ready(wgt_ready), .taken(wgt_taken)
  );
  bench_source #(.Width(ActWidthOfBeat), .Digits(ActDigits), .Words(ActWords)) u_act (
      .clk(clk), .run(run), .withhold(stall_in & random[17]), .valid(act_valid), .data(act_data), .ready(act_ready), .taken(act_taken)
  );

  accel #(
      .Rows(Rows), .Cols(Cols), .ActWidth(ActWidth), .WgtWidth(WgtWidth), .PsumWidth(PsumWidth),
      .ActDepth(ActDepth), .PsumDepth(PsumDepth), .ParTiles(ParTiles)
  ) u_accel (
      .clk_i(clk), .rst_ni(rst_n),
      .cfg_valid_i(cfg_valid), .cfg_ready_o(cfg_ready), .cfg_data_i(cfg_data),
      .wgt_valid_i(wgt_valid), .wgt_ready_o(wgt_ready), .wgt_data_i(wgt_data),
      .act_valid_i(act_valid), .act_ready_o(act_ready), .act_data_i(act_data),
      .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(out_data), .out_last_o(out_last),
      .state_o(state), .overflow_o(), .cnt_busy_o(), .cnt_stall_in_o(), .cnt_stall_out_o(),
      .cnt_weight_load_o(), .cnt_compute_o(), .cnt_drain_o()
  );

  // ---- Loading. A file must hold its words, no fewer, no more, none with an x.
  integer i, file, count;
  reg [OutDigits*4-1:0] word;
  reg [8*8-1:0] stall;
  task check_length(input [8*7-1:0] name, input integer words);
    begin
      count = 0;
      file = $fopen(name, "r");
      if (file == 0) begin
        if (!over) $display("FAIL %0s: cannot be opened; run the bench in the folder of the set", name);
        over = 1'b1;
      end else begin
        while ($fscanf(file, "%h\n", word) == 1) count = count + 1;
        $fclose(file);
        if (count != words) fail_file(name, count, words);
      end
    end
  endtask
  task fail_file(input [8*7-1:0] name, input integer at, input integer words);
    begin
      if (!over) $display("FAIL %0s word %0d: expected a file of %0d words without x", name, at, words);
      over = 1'b1;
    end
  endtask
  initial begin
    check_length("cfg.hex", CfgWords);
    check_length("wgt.hex", WgtWords);
    check_length("act.hex", ActWords);
    check_length("out.hex", OutWords);
    if (!over) begin
      $readmemh("cfg.hex", u_cfg.words);
      $readmemh("wgt.hex", u_wgt.words);
      $readmemh("act.hex", u_act.words);
      $readmemh("out.hex", expected);
      for (i = 0; i < CfgWords; i = i + 1) if (^u_cfg.words[i] === 1'bx) fail_file("cfg.hex", i, CfgWords);
      for (i = 0; i < WgtWords; i = i + 1) if (^u_wgt.words[i] === 1'bx) fail_file("wgt.hex", i, WgtWords);
      for (i = 0; i < ActWords; i = i + 1) if (^u_act.words[i] === 1'bx) fail_file("act.hex", i, ActWords);
      for (i = 0; i < OutWords; i = i + 1) if (^expected[i] === 1'bx) fail_file("out.hex", i, OutWords);
    end
    if (!$value$plusargs("stall=%s", stall)) stall = "none";
    if (!$value$plusargs("seed=%d", random)) random = Seed;
    random = {random[30:0], 1'b1};  // never 0
    stall_in = stall == "in" || stall == "both";
    stall_out = stall == "out" || stall == "both";
    if (!over && !stall_in && !stall_out && stall != "none") begin
      $display("FAIL +stall=%0s: expected none, in, out or both", stall);
      over = 1'b1;
    end
    if (over) `BENCH_FAILED;
    #32 rst_n = 1'b1;
    #20 run = 1'b1;
  end

  // ---- Checking. Outputs are functions of registers alone, so they are sampled at the edge itself.
  integer received = 0, cycles = 0, quiet = 0, silent = 0;
  wire moved = cfg_valid & cfg_ready | wgt_valid & wgt_ready | act_valid & act_ready | out_valid & out_ready;
  wire all_in = cfg_taken == CfgWords && wgt_taken == WgtWords && act_taken == ActWords;
  always @(posedge clk) begin
    if (run && !over) begin
      cycles <= cycles + 1;
      out_ready <= ~(stall_out & random[25]);
      quiet <= moved === 1'b1 ? 0 : quiet + 1;
      silent <= received == OutWords && all_in && state === 3'd0 ? silent + 1 : 0;
      if (out_valid === 1'bx) begin
        $display("FAIL out_valid_o: expected 0 or 1, got x in cycle %0d", cycles);
        over = 1'b1;
      end else if (^{cfg_ready, wgt_ready, act_ready, state} === 1'bx) begin
        $display("FAIL cfg_ready_o %b, wgt_ready_o %b, act_ready_o %b, state_o %b: expected no x, in cycle %0d",
                 cfg_ready, wgt_ready, act_ready, state, cycles);
        over = 1'b1;
      end else if (out_valid & out_ready) begin
        received <= received + 1;
        if (received >= OutWords) begin
          $display("FAIL out.hex word %0d: expected %0d words, got %h and more in cycle %0d", received, OutWords, {out_last, out_data}, cycles);
          over = 1'b1;
        end else if ({out_last, out_data} !== expected[received][OutWidth-1:0]) begin
          $display("FAIL out.hex word %0d: expected %h, got %h in cycle %0d", received, expected[received][OutWidth-1:0], {out_last, out_data}, cycles);
          over = 1'b1;
        end
      end
      if (!over && quiet > QuietCycles) begin
        $display("FAIL no beat for %0d cycles: cfg.hex %0d of %0d words taken, wgt.hex %0d of %0d, act.hex %0d of %0d, out.hex %0d of %0d received, state %0d",
                 QuietCycles, cfg_taken, CfgWords, wgt_taken, WgtWords, act_taken, ActWords, received, OutWords, state);
        over = 1'b1;
      end
      // Every stream is used up and the design is idle; nothing may follow.
      if (!over && silent == SilentCycles) begin
        $display("PASS %0d words compared in %0d cycles", received, cycles - SilentCycles);
        over = 1'b1;
        passed = 1'b1;
      end
      if (passed) $finish;
      else if (over) `BENCH_FAILED;
    end
  end
endmodule
)";

constexpr std::size_t kSilentCycles = 64;  // more than the pipeline of docs/timing.md, section 7
constexpr std::size_t kStallFactor = 16;  // a stream is withheld in half the cycles: 2^-16 or less for as many in a row

}  // namespace

std::string memory_bench(const MemorySet& set, const Origin& origin) {
  const accel::Geometry& g = set.geometry;
  const auto stream = [](const char* name, const char* width, const base::Beats& beats) {
    return fmt::format("  localparam {1} = {2}, {0}Digits = {3}, {0}Words = {4};\n", name, width, beats.bits(),
                       hex_digits(beats.bits()), beats.size());
  };
  std::string text = fmt::format(
      R"(// Self-checking bench of layer {} of network {}, input {}. Verilog-2005; README.txt says how to run it.
{}
module bench;
  localparam Rows = {}, Cols = {}, ActWidth = {}, WgtWidth = {}, PsumWidth = {};
  localparam ActDepth = {}, PsumDepth = {}, ParTiles = {};
)",
      base::printable(origin.layer), base::printable(origin.network), base::printable(origin.input), kSource, g.rows,
      g.cols, g.act_width, g.wgt_width, g.psum_width, g.act_depth, g.psum_depth, g.par_tiles);
  text += stream("Cfg", "CfgWidth", set.cfg) + stream("Wgt", "WgtWidthOfBeat", set.wgt) +
          stream("Act", "ActWidthOfBeat", set.act) + stream("Out", "OutWidth", set.out);
  text += fmt::format("  localparam QuietCycles = {}, SilentCycles = {}, Seed = {};\n",
                      kStallFactor * set.quiet_cycles + kSilentCycles, kSilentCycles, origin.seed % (1U << 31));
  return text + kBench;
}

}  // namespace systole::vectors
