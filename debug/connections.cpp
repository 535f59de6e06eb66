// SPDX-License-Identifier: Apache-2.0
#include "debug/connections.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace systole::debug {
namespace {

/// Constants in the place of which another net of the module may belong.
class Connections {
 public:
  Connections(const WordNetlist& netlist, const Behind& behind) : netlist_(netlist) {
    for (const int number : behind.cells()) kinds_.insert(netlist.cells()[index(number)].kind);
    for (const auto& [path, nets] : netlist.signals()) {
      for (std::size_t i = 0; i < nets.size(); ++i) named_.try_emplace(nets[i], &nets, i);
    }
    for (const std::size_t kind : kinds_) {
      const Cell& cell = netlist.cells()[netlist.kinds()[kind].cells.front()];
      for (int port = 0; port < kPorts; ++port) {
        const auto& nets = cell.in[index(port)];
        for (std::size_t i = 0; i < nets.size(); ++i) {
          if (nets[i] < 2) constant(kind, port, i);
        }
      }
    }
    unread();
  }
  std::vector<Repair> list;

 private:
  /// The vector that a net is a bit of, and which.
  std::pair<const std::vector<int>*, std::size_t> vector_of(int net) const {
    if (net < 2) return {nullptr, 0};
    if (const int driver = netlist_.driver(net); driver >= 0) {
      const auto& y = netlist_.cells()[index(driver)].y;
      return {&y, static_cast<std::size_t>(std::ranges::find(y, net) - y.begin())};
    }
    const auto at = named_.find(net);
    return at == named_.end() ? std::pair<const std::vector<int>*, std::size_t>{nullptr, 0} : at->second;
  }
  /// What its neighbours in the port let expect of a bit, or 0.
  int neighbour(const std::vector<int>& port, std::size_t bit, int step) const {
    if (step < 0 && bit == 0) return 0;
    const std::size_t next = step < 0 ? bit - 1 : bit + 1;
    if (next >= port.size()) return 0;
    const auto [nets, at] = vector_of(port[next]);
    if (nets == nullptr) return 0;
    const std::size_t wanted = step < 0 ? at + 1 : at - 1;
    return wanted < nets->size() ? (*nets)[wanted] : 0;
  }
  /// A result without a name that nobody reads: what it was assigned to is a constant.
  bool lost(int net) const { return net >= 2 && !named_.contains(net) && netlist_.readers(net).empty(); }
  void add(std::size_t kind, std::vector<Link> links, Change change = Change::connect) {
    Repair repair{.kind = kind, .change = change};
    repair.links = std::move(links);
    list.push_back(std::move(repair));
  }
  void constant(std::size_t kind, int port, std::size_t bit) {
    std::vector<Link> low, high, same;
    for (const std::size_t number : netlist_.kinds()[kind].cells) {
      const auto& nets = netlist_.cells()[number].in[index(port)];
      const auto from = [&](int source) { return Link{static_cast<int>(number), port, static_cast<int>(bit), source}; };
      const int below = neighbour(nets, bit, -1), above = neighbour(nets, bit, 1);
      if (lost(below) || lost(above)) continue;
      if (below > WordNetlist::kOne) low.push_back(from(below));
      if (above > WordNetlist::kOne && above != below) high.push_back(from(above));
      if (bit > 0 && nets[bit - 1] > WordNetlist::kOne) same.push_back(from(nets[bit - 1]));
    }
    for (auto* links : {&low, &high, &same}) {
      if (!links->empty()) add(kind, std::move(*links));
    }
    const CellKind& what = netlist_.kinds()[kind];
    const Cell& cell = netlist_.cells()[what.cells.front()];
    if (bit == 0) words(kind, port);
    if (cell.in[index(port)].size() != 1) return;
    if ((cell.op == Op::mux && port != kS) || cell.op == Op::reg) return;
    narrow_.emplace_back(kind, port);
  }
  /// A constant operand takes any word of the module.
  void words(std::size_t kind, int port) {
    const CellKind& what = netlist_.kinds()[kind];
    const Cell& front = netlist_.cells()[what.cells.front()];
    const auto& nets = front.in[index(port)];
    if (nets.size() < 2 || std::ranges::any_of(nets, [](int net) { return net >= 2; })) return;
    if (front.op == Op::mux || front.op == Op::priority_mux || front.op == Op::reg) return;
    for (const auto& [name, first] : netlist_.signals_of(front.instance)) {
      if (first.size() < 2 || first.size() > nets.size() + 8) continue;
      std::vector<Link> links;
      for (const std::size_t number : what.cells) {
        const Cell& cell = netlist_.cells()[number];
        const auto& signals = netlist_.signals_of(cell.instance);
        const auto at = signals.find(name);
        if (at == signals.end()) continue;
        for (std::size_t i = 0; i < nets.size(); ++i)
          links.push_back({static_cast<int>(number), port, static_cast<int>(i),
                           i < at->second.size() ? at->second[i]
                           : front.a_signed      ? at->second.back()
                                                 : 0});
      }
      add(kind, std::move(links), Change::operand);
    }
  }
  /// Constants of one bit take any other one-bit net of the module; results that nobody reads go to all constants that
  /// select.
  void unread() {
    for (const auto& [kind, port] : narrow_) {
      const CellKind& what = netlist_.kinds()[kind];
      for (std::size_t source = 0; source < netlist_.kinds().size(); ++source) {
        const CellKind& from = netlist_.kinds()[source];
        if (from.module != what.module || from.cells.empty() || source == kind) continue;
        if (netlist_.cells()[from.cells.front()].y.size() != 1) continue;
        std::vector<Link> links;
        for (const std::size_t number : what.cells) {
          const int driver = netlist_.cell_of(source, netlist_.cells()[number].instance);
          if (driver >= 0) links.push_back({static_cast<int>(number), port, 0, netlist_.cells()[index(driver)].y[0]});
        }
        if (!links.empty()) add(kind, std::move(links), Change::operand);
      }
    }
    // Of results that nobody reads.
    for (std::size_t source = 0; source < netlist_.kinds().size(); ++source) {
      const CellKind& from = netlist_.kinds()[source];
      if (from.cells.empty()) continue;
      const Cell& driver = netlist_.cells()[from.cells.front()];
      for (std::size_t bit = 0; bit < driver.y.size(); ++bit) {
        if (!lost(driver.y[bit])) continue;
        std::vector<Link> aligned, select;
        for (const std::size_t kind : kinds_) {
          const CellKind& what = netlist_.kinds()[kind];
          const bool inner = from.op == Op::buffer && !from.port.empty() && what.module == from.child;
          if (what.module != from.module && !inner) continue;
          for (const std::size_t number : what.cells) {
            const Cell& cell = netlist_.cells()[number];
            for (int port = 0; port < kPorts; ++port) {
              const auto& nets = cell.in[index(port)];
              for (std::size_t i = 0; i < nets.size(); ++i) {
                if (nets[i] >= 2) continue;
                const int below = neighbour(nets, i, -1), above = neighbour(nets, i, 1);
                const bool matches = [&] {
                  for (const std::size_t d : from.cells) {
                    const int net = netlist_.cells()[d].y[bit];
                    if (below == net || above == net) {
                      aligned.push_back({static_cast<int>(number), port, static_cast<int>(i), net});
                      return true;
                    }
                  }
                  return false;
                }();
                if (matches || nets.size() != 1 || driver.y.size() != 1) continue;
                if (cell.op == Op::mux && port != kS) continue;
                const int one = netlist_.cell_of(source, cell.instance);
                if (one >= 0)
                  select.push_back({static_cast<int>(number), port, 0, netlist_.cells()[index(one)].y[bit]});
              }
            }
          }
        }
        if (!aligned.empty()) add(source, std::move(aligned));
        if (!select.empty()) add(source, std::move(select));
      }
    }
  }

  const WordNetlist& netlist_;
  std::set<std::size_t> kinds_;
  std::map<int, std::pair<const std::vector<int>*, std::size_t>> named_;
  std::vector<std::pair<std::size_t, int>> narrow_;
};

}  // namespace

std::vector<Repair> connections(const WordNetlist& netlist, const Behind& behind) {
  return std::move(Connections(netlist, behind).list);
}

}  // namespace systole::debug
