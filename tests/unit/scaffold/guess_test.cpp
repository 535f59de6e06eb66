// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/guess.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace systole::scaffold {
namespace {

Port in(std::string name, int bits = 1) { return {std::move(name), true, bits}; }
Port out(std::string name, int bits = 1) { return {std::move(name), false, bits}; }

std::string names(const std::vector<Port>& ports) {
  std::string text;
  for (const Port& port : ports) text += port.name + " ";
  return text;
}

TEST_CASE("scaffold.guess.clock_and_reset") {
  struct Names {
    const char *clock, *reset;
    bool high;
  };
  for (const Names& one :
       {Names{"clk", "rst_n", false}, Names{"clk_i", "rst_ni", false}, Names{"aclk", "aresetn", false},
        Names{"ap_clk", "ap_rst", true}, Names{"CLK", "RESET", true}, Names{"i_clk", "i_reset", true},
        Names{"core_clock", "nrst", false}, Names{"sys_clk", "sys_rst_n", false}}) {
    CAPTURE(one.clock);
    const Guess guessed = guess({in("data", 8), in(one.reset), in(one.clock)});
    REQUIRE(guessed.clock);
    REQUIRE(guessed.reset);
    CHECK(guessed.clock->name == one.clock);
    CHECK(guessed.reset->name == one.reset);
    CHECK(guessed.reset_active_high == one.high);
    CHECK(names(guessed.left) == "data ");
  }
}

TEST_CASE("scaffold.guess.streams") {
  const Guess guessed =
      guess({in("s_axis_tvalid"), out("s_axis_tready"), in("s_axis_tdata", 32), in("s_axis_tlast"),
             out("result_valid_o"), in("result_ready_i"), out("result_data_o", 8), in("px_valid"), in("px_data", 8),
             in("w_vld"), out("w_rdy"), in("w_dat", 4), out("m_axis_y_tvalid"), out("m_axis_y_tdata", 8)});
  REQUIRE(guessed.streams.size() == 5);
  CHECK(guessed.streams[0].name == "s_axis");
  CHECK(guessed.streams[0].input);
  CHECK(guessed.streams[0].last->name == "s_axis_tlast");
  CHECK(guessed.streams[1].name == "result");
  CHECK_FALSE(guessed.streams[1].input);
  CHECK(guessed.streams[1].ready->name == "result_ready_i");
  CHECK_FALSE(guessed.streams[2].ready.has_value());
  CHECK(guessed.streams[3].data.name == "w_dat");
  CHECK(guessed.streams[4].name == "y");
  CHECK(guessed.left.empty());
}

TEST_CASE("scaffold.guess.registers_need_every_channel") {
  std::vector<Port> ports;
  for (const char* name : {"awvalid", "awaddr", "wvalid", "wdata", "bready", "arvalid", "araddr", "rready", "wstrb"}) {
    ports.push_back(in(std::string("s_axil_") + name, std::string(name).find("addr") != std::string::npos ? 12 : 1));
  }
  for (const char* name : {"awready", "wready", "bvalid", "bresp", "arready", "rvalid", "rdata", "rresp"}) {
    ports.push_back(out(std::string("s_axil_") + name));
  }
  const Guess whole = guess(ports);
  REQUIRE(whole.registers.size() == 1);
  CHECK(whole.registers[0].name == "s_axil");
  CHECK(whole.registers[0].ports[2].name == "s_axil_awaddr");
  CHECK(whole.left.empty());
  ports.pop_back();
  CHECK(guess(ports).registers.empty());
}

TEST_CASE("scaffold.guess.a_master_is_a_slave_the_other_way_round") {
  std::vector<Port> ports;
  for (const char* name : {"awvalid", "awaddr", "awlen", "awsize", "awburst", "wvalid", "wdata", "wstrb", "wlast",
                           "bready", "arvalid", "araddr", "arlen", "arsize", "arburst", "rready", "arprot"}) {
    ports.push_back(out(std::string("m_axi_") + name));
  }
  for (const char* name : {"awready", "wready", "bvalid", "bresp", "arready", "rvalid", "rdata", "rresp", "rlast"}) {
    ports.push_back(in(std::string("m_axi_") + name));
  }
  const Guess without = guess(ports);
  REQUIRE(without.masters.size() == 1);
  CHECK(without.registers.empty());
  CHECK(without.masters[0].name == "m_axi");
  CHECK(without.masters[0].ports.size() == 25);
  CHECK(without.masters[0].ports[8].name == "m_axi_rdata");
  CHECK(without.left.empty());
  for (const char* name : {"arid", "awid"}) ports.push_back(out(std::string("m_axi_") + name, 4));
  for (const char* name : {"rid", "bid"}) ports.push_back(in(std::string("m_axi_") + name, 4));
  const Guess with = guess(ports);
  CHECK(with.masters[0].ports[25].name == "m_axi_arid");
  CHECK(with.masters[0].ports[28].name == "m_axi_bid");
  CHECK(with.left.empty());
}

TEST_CASE("scaffold.guess.memories_and_controls") {
  const Guess guessed = guess({out("wmem_addr", 10), out("wmem_en"), in("wmem_rdata", 64), out("omem_addr", 8),
                               out("omem_we"), out("omem_wdata", 16), out("read_o"), out("read_addr_o", 5),
                               in("read_data_i", 16), in("start"), out("finish"), in("mode", 3)});
  REQUIRE(guessed.memories.size() == 3);
  REQUIRE(guessed.memories[0].read);
  CHECK_FALSE(guessed.memories[0].write);
  CHECK(guessed.memories[0].read->enable->name == "wmem_en");
  CHECK_FALSE(guessed.memories[1].read);
  REQUIRE(guessed.memories[1].write);
  CHECK(guessed.memories[1].write->data.name == "omem_wdata");
  CHECK(guessed.memories[2].read->enable->name == "read_o");
  CHECK(names(guessed.controls) == "start finish ");
  CHECK(names(guessed.left) == "mode ");
}

TEST_CASE("scaffold.guess.enables_of_parts_of_a_word") {
  const auto lanes_of = [](const std::vector<Port>& enables) {
    std::vector<Port> ports{out("m_addr", 4), out("m_wdata", 64)};
    ports.insert(ports.end(), enables.begin(), enables.end());
    const Guess guessed = guess(ports);
    if (guessed.memories.empty()) return std::string("none");
    const Memory::Access& write = *guessed.memories.front().write;
    return (write.enable ? write.enable->name : "") + "/" +
           (write.lanes ? write.lanes->name + ":" + std::to_string(write.lane_bits()) : "");
  };
  CHECK(lanes_of({out("m_we"), out("m_be", 8)}) == "m_we/m_be:8");
  CHECK(lanes_of({out("m_we", 8)}) == "/m_we:8");
  CHECK(lanes_of({out("m_wstrb", 4)}) == "/m_wstrb:16");
  CHECK(lanes_of({out("m_we")}) == "m_we/");
  CHECK(lanes_of({out("m_we"), out("m_be", 5)}) == "m_we/");  // no equal parts
  CHECK(lanes_of({out("m_we", 3)}) == "none");
  CHECK(lanes_of({}) == "none");
}

TEST_CASE("scaffold.guess.keep_moves_with_its_stream") {
  const Guess guessed = guess({in("s_tvalid"), out("s_tready"), in("s_tdata", 32), in("s_tkeep", 4), in("s_tuser", 2)});
  REQUIRE(guessed.streams.size() == 1);
  CHECK(guessed.streams[0].keep->name == "s_tkeep");
  CHECK(names(guessed.left) == "s_tuser ");
}

TEST_CASE("scaffold.guess.instruction_words") {
  const Guess guessed = guess({in("inst", 34), in("core_opcode_i", 8), out("inst_q", 34), in("instr")});
  CHECK(names(guessed.instructions) == "inst core_opcode_i ");
  CHECK(names(guessed.left) == "inst_q instr ");
}

}  // namespace
}  // namespace systole::scaffold
