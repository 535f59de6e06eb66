// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/text.h"

#include <doctest/doctest.h>

#include <string>

namespace systole::scaffold {
namespace {

Guess with_clock() {
  Guess guess;
  guess.clock = Port{"clk", true, 1};
  return guess;
}

/// The lines of an adapter's members.
std::string members(const Guess& guess) {
  const std::string text = adapter_text({"top", {}, {}, {}, {}}, guess);
  const std::size_t begin = text.find(" private:\n") + 10;
  return text.substr(begin, text.find("};\n\n}  // namespace") - begin);
}

TEST_CASE("scaffold.text.a_stream_without_ready_is_a_part_too") {
  Guess guess = with_clock();
  guess.streams = {{"px", true, {"px_valid", true, 1}, {"px_data", true, 24}, {}, {}, {}},
                   {"y", false, {"y_valid", false, 1}, {"y_data", false, 100}, {}, Port{"y_last", false, 1}, {}}};
  CHECK(members(guess) ==
        "  Source<IData> px{bench, \"px\", top.px_valid, top.px_data};  // guessed\n"
        "  Sink<VlWide<4>> y{bench, \"y\", top.y_valid, top.y_data, &top.y_last};  // guessed\n");
}

TEST_CASE("scaffold.text.data_and_keep_are_one_beat") {
  Guess guess = with_clock();
  guess.streams = {
      {"a", true, {"a_valid", true, 1}, {"a_data", true, 64}, Port{"a_ready", false, 1}, {}, Port{"a_keep", true, 8}}};
  CHECK(members(guess) ==
        "  Pins<QData, CData> a_beat{top.a_data, top.a_keep};  // guessed\n"
        "  Source<Pins<QData, CData>> a{bench, \"a\", top.a_valid, top.a_ready, a_beat};  // guessed\n");
}

TEST_CASE("scaffold.text.ports_of_a_memory_are_on_its_words") {
  Guess guess = with_clock();
  const Port read{"m_q", true, 32}, written{"m_d", false, 32}, lanes{"m_be", false, 4};
  guess.memories = {{"m",
                     {"m_addr", false, 10},
                     Memory::Access{read, Port{"m_ce", false, 1}, {}},
                     Memory::Access{written, Port{"m_we", false, 1}, lanes}}};
  CHECK(members(guess) ==
        "  Words<sequence::ValueOf<IData>> m_words{std::size_t{1} << 10};  // guessed\n"
        "  ReadPort<SData, IData> m_read{  // guessed, latency 1\n"
        "      bench, \"m\", m_words, &top.m_ce, top.m_addr, top.m_q};\n"
        "  WritePort<SData, IData, CData> m_write{  // guessed\n"
        "      bench, \"m\", m_words, &top.m_we, top.m_addr, top.m_d,\n"
        "      {.enables = top.m_be, .count = 4, .bits = 8}};\n");
}

TEST_CASE("scaffold.text.instruction_words_come_without_handshake") {
  Guess guess = with_clock();
  guess.instructions = {{"inst", true, 34}};
  CHECK(members(guess) ==
        "  Source<QData> inst{bench, \"inst\", top.inst, {.beat = {}}};  // guessed, 0 between words\n");
}

/// What the rest of the adapter names is hidden by no member.
TEST_CASE("scaffold.text.members_shadow_nothing") {
  Guess guess = with_clock();
  for (const char* name : {"layer", "site", "unmet", "R___05Fout", "__SYM__delete", "s__02ex"})
    guess.instructions.push_back({name, true, 8});
  const std::string text = members(guess);
  for (const char* member : {"layer_2{bench, \"layer\", top.layer,", "site_2{", "unmet_2{",
                             "R_out{bench, \"R_out\", top.R___05Fout,", "pdelete{", "s_x{bench, \"s_x\", top.s__02ex,"})
    CHECK(text.find("Source<CData> " + std::string(member)) != std::string::npos);
}

TEST_CASE("scaffold.text.words_are_quoted_for_cmake") {
  const std::string text = project_text("npu", {"top", {"/rtl/top.v"}, {}, {R"(TEXT="a $b \n")"}, {R"(FILE="x.hex")"}});
  CHECK(text.find(R"(DEFINES "TEXT=\"a \$b \\n\"")") != std::string::npos);
  CHECK(text.find(R"(PARAMS "FILE=\"x.hex\"")") != std::string::npos);
}

TEST_CASE("scaffold.text.a_master_gets_a_memory") {
  Guess guess = with_clock();
  Axi master{"m", {}};
  for (const char* name :
       {"arvalid", "arready", "araddr",  "arlen",  "arsize", "arburst", "rvalid",  "rready", "rdata",  "rresp",
        "rlast",   "awvalid", "awready", "awaddr", "awlen",  "awsize",  "awburst", "wvalid", "wready", "wdata",
        "wstrb",   "wlast",   "bvalid",  "bready", "bresp",  "arid",    "rid",     "awid",   "bid"}) {
    const std::string text = name;
    master.ports.push_back({text, false, text.ends_with("addr") ? 32 : text.ends_with("data") ? 64 : 1});
  }
  guess.masters = {master};
  CHECK(members(guess) ==
        "  Words<sequence::ValueOf<QData>> m_words{4096};  // guessed\n"
        "  AxiMemory<IData, QData, CData> m{  // guessed; m.serve() in run()\n"
        "      bench, \"m\", m_words,\n"
        "      {top.arvalid, top.arready, top.araddr, top.arlen, top.arsize, top.arburst, &top.arid},\n"
        "      {top.rvalid, top.rready, top.rdata, top.rresp, top.rlast, &top.rid},\n"
        "      {top.awvalid, top.awready, top.awaddr, top.awlen, top.awsize, top.awburst, &top.awid},\n"
        "      {top.wvalid, top.wready, top.wdata, top.wstrb, top.wlast},\n"
        "      {top.bvalid, top.bready, top.bresp, &top.bid}};\n");
}

}  // namespace
}  // namespace systole::scaffold
