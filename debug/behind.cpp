// SPDX-License-Identifier: Apache-2.0
#include "debug/behind.h"

#include <algorithm>

namespace systole::debug {

Behind::Behind(const WordNetlist& netlist, const Steps& steps, const RepairTrial& trial)
    : netlist_(netlist), steps_(steps), depth_(index(netlist.nets()), -1) {
  for (const int net : trial.wrong_registers()) visit_driver(net, 0);
  for (const int net : trial.wrong_wires()) visit(net, 0);
  for (const std::size_t i : trial.wrong_words()) visit_writes(steps.expected_words()[i].memory, 0);
  while (!stack_.empty()) {
    const auto [net, depth] = stack_.back();
    stack_.pop_back();
    if (depth_[index(net)] > depth) continue;
    const int driver = netlist.driver(net);
    if (driver < 0) continue;
    if (netlist.cells()[index(driver)].op != Op::reg) {
      visit_driver(net, depth);
    } else if (!(steps.anchored(net) && steps.observed(steps.count() - 1, net))) {
      visit_driver(net, depth + 1);
    }
  }
}

void Behind::visit(int net, int depth) {
  if (net < 2 || depth > kMostDepth || depth_[index(net)] >= depth) return;
  depth_[index(net)] = depth;
  stack_.emplace_back(net, depth);
}

void Behind::visit_all(const std::vector<int>& nets, int depth) {
  for (const int net : nets) visit(net, depth);
}

void Behind::visit_writes(int memory, int depth) {
  for (std::size_t c = 0; c < netlist_.cells().size(); ++c) {
    const Cell& cell = netlist_.cells()[c];
    if (cell.op != Op::mem_write || cell.memory != memory) continue;
    cells_.insert(static_cast<int>(c));
    for (const auto& port : cell.in) visit_all(port, depth);
  }
}

void Behind::visit_driver(int net, int depth) {
  const int driver = netlist_.driver(net);
  if (driver < 0) return;
  cells_.insert(driver);
  const Cell& cell = netlist_.cells()[index(driver)];
  const auto bit = static_cast<std::size_t>(std::ranges::find(cell.y, net) - cell.y.begin());
  const auto up_to = [&](std::size_t port, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, cell.in[port].size()); ++i) visit(cell.in[port][i], depth);
    if (!cell.in[port].empty() && to > cell.in[port].size()) visit(cell.in[port].back(), depth);
  };
  switch (cell.op) {
    case Op::reg:
    case Op::buffer:
    case Op::invert:
    case Op::bit_and:
    case Op::bit_or:
    case Op::bit_xor:
    case Op::bit_xnor:
    case Op::mux:
      up_to(kA, bit, bit + 1);
      up_to(kB, bit, bit + 1);
      visit_all(cell.in[kS], depth);
      return;
    case Op::priority_mux:
      up_to(kA, bit, bit + 1);
      for (std::size_t i = 0; i < cell.in[kS].size(); ++i)
        up_to(kB, i * cell.y.size() + bit, i * cell.y.size() + bit + 1);
      visit_all(cell.in[kS], depth);
      return;
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::negate:
      up_to(kA, 0, bit + 1);
      up_to(kB, 0, bit + 1);
      return;
    default:
      for (const auto& port : cell.in) visit_all(port, depth);
      if (cell.op == Op::mem_read && !steps_.watched_memory(cell.memory)) visit_writes(cell.memory, depth + 1);
  }
}

}  // namespace systole::debug
