// SPDX-License-Identifier: Apache-2.0
#include "debug/word_netlist.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.h"

namespace {

using namespace systole;
using debug::WordNetlist;

std::optional<WordNetlist> read(const std::string& verilog) {
  const base::TemporaryFolder folder;
  std::ofstream(folder / "top.v") << verilog;
  return WordNetlist::read({.sources = {folder / "top.v"}, .top = "top", .parameters = {}, .commands = {}});
}

/// Outputs of a design without registers.
std::map<std::string, std::uint64_t> outputs(const WordNetlist& netlist,
                                             const std::map<std::string, std::uint64_t>& inputs) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(netlist.nets()), 0);
  values[WordNetlist::kOne] = 1;
  const auto value = [&values](int net) -> std::uint8_t& { return values[static_cast<std::size_t>(net)]; };
  for (const auto& [name, number] : inputs) {
    const std::vector<int>* nets = netlist.find(name);
    REQUIRE(nets != nullptr);
    for (std::size_t i = 0; i < nets->size(); ++i) value((*nets)[i]) = number >> i & 1U;
  }
  for (const debug::Cell& cell : netlist.cells()) {
    std::vector<std::uint8_t> in[debug::kPorts], y(cell.y.size());
    for (std::size_t port = 0; port < debug::kPorts; ++port) {
      for (const int net : cell.in[port]) in[port].push_back(value(net));
    }
    evaluate(cell, in[0].data(), in[1].data(), in[2].data(), y.data());
    for (std::size_t i = 0; i < y.size(); ++i) value(cell.y[i]) = y[i];
  }
  std::map<std::string, std::uint64_t> result;
  for (const auto& [name, nets] : netlist.signals()) {
    for (std::size_t i = 0; i < nets.size(); ++i) result[name] |= std::uint64_t{value(nets[i])} << i;
  }
  return result;
}

constexpr const char* kOperators = R"(
module half (input [7:0] x_i, output [7:0] y_o);
  assign y_o = x_i >> 1;
endmodule
module top (
    input signed [7:0] a, b, input [7:0] u, input s,
    output signed [15:0] product, output [8:0] sum, output less, unsigned_less, output signed [7:0] shifted,
    output [7:0] chosen, picked, bits, h, output [3:0] reduced
);
  assign product = a * b;
  assign sum = a + b;
  assign less = a < b, unsigned_less = $unsigned(a) < u;
  assign shifted = a >>> u[1:0];
  assign chosen = s ? a : b, picked = u[b[2:0]+:1];
  assign reduced = {^u, |u, &u, !u};
  assign bits = (a & b) | ~u;
  half u_half (.x_i(u), .y_o(h));
endmodule
)";

TEST_CASE("debug.word_netlist.computes_operators") {
  const std::optional<WordNetlist> netlist = read(kOperators);
  REQUIRE(netlist);
  const auto out = outputs(*netlist, {{"a", 0xF3}, {"b", 0x05}, {"u", 0x82}, {"s", 1}});  // -13, 5, 130
  CHECK(out.at("product") == 0xFFBF);                                                     // -65
  CHECK(out.at("sum") == 0x1F8);                                                          // -8
  CHECK(out.at("less") == 1);
  CHECK(out.at("unsigned_less") == 0);
  CHECK(out.at("shifted") == 0xFC);  // -4
  CHECK(out.at("chosen") == 0xF3);
  CHECK(out.at("picked") == 0);
  CHECK(out.at("reduced") == 0b0100);
  CHECK(out.at("bits") == (0x01 | 0x7D));
  CHECK(out.at("h") == 0x41);
  CHECK(out.at("u_half.x_i") == 0x82);
}

TEST_CASE("debug.word_netlist.says_where_a_cell_stands") {
  const std::optional<WordNetlist> netlist = read(kOperators);
  REQUIRE(netlist);
  const std::vector<int>* product = netlist->find("product");
  REQUIRE(product != nullptr);
  const int driver = netlist->driver((*product)[0]);
  REQUIRE(driver >= 0);
  const debug::CellKind& kind = netlist->kinds()[netlist->cells()[static_cast<std::size_t>(driver)].kind];
  CHECK(kind.module == "top");
  CHECK(kind.net == "product");
  REQUIRE(kind.source.size() == 1);
  CHECK(kind.source[0].first == 10);
  // A port of an instance is a copy of what stands outside.
  const std::vector<int>* inside = netlist->find("u_half.x_i");
  REQUIRE(inside != nullptr);
  CHECK(netlist->origin((*inside)[3]) == (*netlist->find("u"))[3]);
}

TEST_CASE("debug.word_netlist.refuses_what_it_cannot_compute") {
  CHECK_FALSE(read("module top (input a, output b); missing u (a, b); endmodule"));
  CHECK_FALSE(read("module top (input [7:0] a, b, output [7:0] y); assign y = a / b; endmodule"));
  CHECK_FALSE(read("module top (input [99:0] a, b, output [99:0] y); assign y = a * b; endmodule"));
}

}  // namespace
