// SPDX-License-Identifier: Apache-2.0
#include "debug/repair.h"

#include <algorithm>
#include <ctime>
#include <set>
#include <string>
#include <utility>

#include "debug/behind.h"
#include "debug/connections.h"

namespace systole::debug {
namespace {

/// Processor time of this thread: what is found does not depend on what else the machine does.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
  static time_point now() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

/// The changes of one kind of cell that touch what is behind the wrong signals. Those of `then` are tried where one of
/// `first` gave a wrong bit its right value.
struct Group {
  std::vector<Repair> first, then;
  int depth = 0;  ///< registers of which the golden knows nothing between it and what is wrong, at most
};

/// Operators of the same operands that are taken for each other.
std::vector<Op> likes_of(Op op) {
  static const std::vector<std::vector<Op>> families{{Op::bit_and, Op::bit_or, Op::bit_xor, Op::bit_xnor},
                                                     {Op::add, Op::sub},
                                                     {Op::lt, Op::le, Op::gt, Op::ge, Op::eq, Op::ne},
                                                     {Op::shift_left, Op::shift_right, Op::shift_right_signed},
                                                     {Op::reduce_and, Op::reduce_or, Op::reduce_xor}};
  for (const std::vector<Op>& family : families) {
    if (std::ranges::find(family, op) == family.end()) continue;
    std::vector<Op> others = family;
    std::erase(others, op);
    return others;
  }
  return {};
}

class Changes {
 public:
  Changes(const WordNetlist& netlist, std::size_t kind, const Behind& behind, const RepairTrial& trial)
      : netlist_(netlist), kind_(kind), behind_(behind), trial_(trial) {}

  Group all();

 private:
  void add(Change change, int port, int bit = 0, Op op = Op::buffer) {
    group_.first.push_back({.kind = kind_, .change = change, .port = port, .bit = bit, .op = op});
  }
  [[nodiscard]] const Cell& front() const { return netlist_.cells()[netlist_.kinds()[kind_].cells.front()]; }
  [[nodiscard]] bool is_behind(int port, std::size_t bit);
  void add_bits(int port);
  void add_operators();

  const WordNetlist& netlist_;
  std::size_t kind_;
  const Behind& behind_;
  const RepairTrial& trial_;
  Group group_;
};

/// In one instance at least.
bool Changes::is_behind(int port, std::size_t bit) {
  bool found = false;
  for (const std::size_t number : netlist_.kinds()[kind_].cells) {
    if (!behind_.cells().contains(static_cast<int>(number))) continue;
    const Cell& cell = netlist_.cells()[number];
    const int net = port == kPorts ? cell.y[bit] : cell.in[index(port)][bit];
    const bool constant = net <= WordNetlist::kOne;
    if (!constant) group_.depth = std::max(group_.depth, behind_.depth(net));
    found |= constant || behind_.depth(net) >= 0 || trial_.wrong_registers().contains(net);
  }
  return found;
}

void Changes::add_bits(int port) {
  const std::size_t count = port == kPorts ? front().y.size() : front().in[index(port)].size();
  bool some = false;
  for (std::size_t bit = 0; bit < count; ++bit) {
    if (!is_behind(port, bit)) continue;
    some = true;
    add(Change::flip, port, static_cast<int>(bit));
  }
  if (count < 2 || !some) return;
  for (const Change change : {Change::zeros, Change::ones, Change::plus, Change::minus})
    group_.then.push_back({.kind = kind_, .change = change, .port = port});
}

void Changes::add_operators() {
  const Op op = front().op;
  const bool two = !front().in[kB].empty();
  for (const Op other : likes_of(op)) add(Change::other_op, kPorts, 0, other);
  if (two || op == Op::invert) add(Change::take_a, kPorts);
  if (two && op != Op::priority_mux) add(Change::take_b, kPorts);
  if (op == Op::sub || op == Op::mux) add(Change::swap, kPorts);
  const bool sign_matters = (op >= Op::lt && op <= Op::ge) || op == Op::mul || op == Op::shift_right_signed;
  for (int sign = 1; sign < 4 && sign_matters; ++sign) add(Change::other_op, kPorts, sign, op);
}

Group Changes::all() {
  const Op op = front().op;
  // The output of a copy or an inverter stands for its input.
  const bool input_too = op != Op::buffer && op != Op::invert;
  if (input_too) {
    add_bits(kA);
    if (op != Op::reg) add_bits(kB);
    if (op == Op::mux || op == Op::priority_mux) add_bits(kS);
  }
  if (op == Op::reg) {
    add(Change::hold, kA);
  } else if (op == Op::mem_write) {
    add(Change::zeros, kS);
    add(Change::ones, kS);
  } else {
    add_bits(kPorts);
    add_operators();
  }
  return std::move(group_);
}

/// Tries all repairs.
class Search {
 public:
  Search(const WordNetlist& netlist, const Steps& steps, Clock::time_point end)
      : netlist_(netlist), steps_(steps), trial_(netlist, steps), behind_(netlist, steps, trial_), end_(end) {}

  std::vector<Repair> run();

 private:
  /// Steps before the last edge from which on a repair is tried first: what it does to registers that nobody watches
  /// shows some steps later.
  static constexpr std::size_t kAtOnce = 1, kLater = 40;
  static constexpr std::size_t kWarmUp = 32;  ///< first steps of the record, where nothing is judged
  static constexpr std::size_t kMostTerms = 3000;

  bool attempt(Repair& repair, std::size_t back);
  void try_kind(std::size_t kind);
  void vary(const Repair& flip, std::size_t back);
  void try_instances(const Repair& flip, std::size_t back);
  void add_constants();
  void try_terms(const Repair& place, std::size_t back);
  [[nodiscard]] std::size_t first(std::size_t back) const {
    const std::size_t last = steps_.count() - 1;
    return last > back ? last - back : 0;
  }
  [[nodiscard]] bool late() const { return Clock::now() > end_; }

  const WordNetlist& netlist_;
  const Steps& steps_;
  RepairTrial trial_;
  Behind behind_;
  Clock::time_point end_;
  std::vector<Repair> found_;
  std::vector<std::pair<Repair, std::size_t>> conditions_;  ///< inverses of one bit that explain all, with `back`
  std::size_t terms_ = 0;
  int deepest_ = 0;
};

/// Whether it gives a wrong bit its value. All steps where it explains everything.
bool Search::attempt(Repair& repair, std::size_t back) {
  trial_.run(repair, first(back));
  if (repair.explains() && repair.only.empty()) trial_.run(repair, std::min((steps_.count() - 1) / 4, kWarmUp));
  if (repair.fixed > 0) found_.push_back(repair);
  return repair.right > 0;
}

/// Of those instances alone that need it.
void Search::try_instances(const Repair& flip, std::size_t back) {
  Repair some = flip;
  for (const std::size_t cell : netlist_.kinds()[flip.kind].cells) {
    Repair one = flip;
    one.only = {static_cast<int>(cell)};
    trial_.run(one, first(back));
    if (one.right > 0 && one.spoilt == 0) some.only.push_back(static_cast<int>(cell));
  }
  if (!some.only.empty()) attempt(some, back);
}

/// What else may be done to a bit that matters.
void Search::vary(const Repair& flip, std::size_t back) {
  bool explains = flip.explains();
  const auto& cells = netlist_.kinds()[flip.kind].cells;
  const Cell& cell = netlist_.cells()[cells.front()];
  const std::size_t width = flip.port == kPorts ? cell.y.size() : cell.in[index(flip.port)].size();
  if (width == 1 && explains && cell.op != Op::reg && cell.op != Op::buffer) conditions_.emplace_back(flip, back);
  for (const Change change : {Change::set0, Change::set1}) {
    Repair set = flip;
    set.change = change;
    attempt(set, back);
    explains |= set.explains();
  }
  if (!explains && cells.size() > 1) try_instances(flip, back);
}

void Search::try_kind(std::size_t kind) {
  Group group = Changes(netlist_, kind, behind_, trial_).all();
  deepest_ = std::max(deepest_, group.depth);
  const std::size_t back = group.depth > 0 ? kLater : kAtOnce;
  bool any = false;
  for (Repair& repair : group.first) {
    if (late()) return;
    if (!attempt(repair, back)) continue;
    any = true;
    if (repair.change == Change::flip) vary(repair, back);
  }
  if (!any) return;
  for (Repair& repair : group.then) attempt(repair, back);
}

/// A watched signal of which a bit is a constant where the golden expects another value: what drives its other bits.
void Search::add_constants() {
  for (const std::vector<int>& nets : steps_.wrong_constants()) {
    std::set<std::size_t> kinds;
    for (const int net : nets) {
      const int driver = netlist_.driver(net);
      if (driver >= 0) kinds.insert(netlist_.cells()[index(driver)].kind);
    }
    for (const std::size_t kind : kinds) {
      Repair repair{.kind = kind, .change = Change::connect};
      repair.fixed = 1;
      found_.push_back(std::move(repair));
    }
  }
}

/// The condition with each signal of one bit of the module as a further term.
void Search::try_terms(const Repair& place, std::size_t back) {
  const auto& cells = netlist_.kinds()[place.kind].cells;
  for (const auto& [name, nets] : netlist_.signals_of(netlist_.cells()[cells.front()].instance)) {
    if (nets.size() != 1 || nets[0] <= WordNetlist::kOne) continue;
    for (int form = 0; form < 4 && terms_ < kMostTerms && !late(); ++form) {
      Repair repair{.kind = place.kind, .change = Change::term, .port = place.port, .bit = form};
      bool differs = false;
      for (const std::size_t number : cells) {
        const Cell& cell = netlist_.cells()[number];
        const auto at = netlist_.signals_of(cell.instance).find(name);
        if (at == netlist_.signals_of(cell.instance).end()) continue;
        const int term = at->second[0], value = place.port == kPorts ? cell.y[0] : cell.in[index(place.port)][0];
        repair.links.push_back({static_cast<int>(number), place.port, 0, term});
        for (std::size_t step = first(back); step < steps_.count() && !differs; ++step)
          differs = with_term(steps_.at(step, value), steps_.at(step, term), form) != steps_.at(step, value);
      }
      if (!differs) continue;
      ++terms_;
      attempt(repair, back);
    }
  }
}

std::vector<Repair> Search::run() {
  add_constants();
  if (trial_.wrong() == 0) return std::move(found_);
  std::set<std::size_t> kinds;
  for (const int cell : behind_.cells()) kinds.insert(netlist_.cells()[index(cell)].kind);
  for (const std::size_t kind : kinds) try_kind(kind);
  for (Repair& repair : connections(netlist_, behind_)) {
    if (late()) break;
    attempt(repair, deepest_ > 0 ? kLater : kAtOnce);
  }
  for (const auto& [place, back] : conditions_) try_terms(place, back);
  return std::move(found_);
}

}  // namespace

std::vector<Repair> find_repairs(const WordNetlist& netlist, const Steps& steps, std::chrono::milliseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  if (steps.count() == 0 || !steps.unlike().empty()) return {};
  return Search(netlist, steps, end).run();
}

}  // namespace systole::debug
