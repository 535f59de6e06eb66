// SPDX-License-Identifier: Apache-2.0
#include "debug/trial.h"

#include <algorithm>

namespace systole::debug {
namespace {

void change_bits(std::uint8_t* bits, std::size_t count, const Repair& repair) {
  const auto at = static_cast<std::size_t>(repair.bit);
  switch (repair.change) {
    case Change::flip:
      bits[at] ^= 1U;
      return;
    case Change::set0:
      bits[at] = 0;
      return;
    case Change::set1:
      bits[at] = 1;
      return;
    case Change::zeros:
      std::fill(bits, bits + count, std::uint8_t{0});
      return;
    case Change::ones:
      std::fill(bits, bits + count, std::uint8_t{1});
      return;
    case Change::plus:
      for (std::size_t i = 0; i < count; ++i) {
        bits[i] ^= 1U;
        if (bits[i] != 0) return;
      }
      return;
    case Change::minus:
      for (std::size_t i = 0; i < count; ++i) {
        bits[i] ^= 1U;
        if (bits[i] == 0) return;
      }
      return;
    default:
      return;
  }
}

}  // namespace

std::uint8_t with_term(std::uint8_t value, std::uint8_t term, int form) {
  const std::uint8_t taken = (form & 2) != 0 ? term ^ 1U : term;
  return (form & 1) != 0 ? value | taken : value & taken;
}

RepairTrial::RepairTrial(const WordNetlist& netlist, const Steps& steps)
    : netlist_(netlist),
      steps_(steps),
      stamp_(index(netlist.nets()), 0),
      value_(index(netlist.nets()), 0),
      queued_(netlist.cells().size(), 0) {
  const std::size_t last = steps.count() - 1;
  for (const Cell& cell : netlist.cells()) {
    if (cell.op != Op::reg || last == 0) continue;
    for (std::size_t i = 0; i < cell.y.size(); ++i) {
      const std::uint8_t golden = steps.expected(cell.y[i]);
      if (golden != Steps::kUnknown && steps.anchored(cell.y[i]) && steps.at(last - 1, cell.in[kA][i]) != golden)
        wrong_registers_.insert(cell.y[i]);
    }
  }
  for (int net = 2; net < netlist.nets(); ++net) {
    const std::uint8_t golden = steps.expected(net);
    if (golden != Steps::kUnknown && !steps.anchored(net) && steps.at(last, net) != golden) wrong_wires_.insert(net);
  }
  for (std::size_t i = 0; i < steps.expected_words().size(); ++i) {
    const Steps::ExpectedWord& one = steps.expected_words()[i];
    if (steps.word(one.memory, one.address, last) != one.word) wrong_words_.insert(i);
  }
}

void RepairTrial::set(std::size_t step, int net, std::uint8_t value) {
  if (net < 2 || now(step, net) == value) return;
  if (stamp_[index(net)] != current_) {
    stamp_[index(net)] = current_;
    touched_.push_back(net);
  }
  value_[index(net)] = value;
  for (const int reader : netlist_.readers(net)) queue(reader);
  for (const Link& link : *links_) {
    if (link.source == net) queue(link.cell);
  }
}

Bits RepairTrial::word(int memory, std::size_t address, std::size_t step) const {
  const auto at = words_.find({memory, address});
  return at == words_.end() ? steps_.word(memory, address, step) : at->second;
}

void RepairTrial::evaluate_cell(std::size_t step, int number, const Repair& repair, bool changed) {
  const Cell& cell = netlist_.cells()[index(number)];
  for (std::size_t p = 0; p < kPorts; ++p) {
    for (std::size_t i = 0; i < cell.in[p].size(); ++i) in_[p][i] = now(step, cell.in[p][i]);
  }
  for (const Link& link : repair.links) {
    if (link.cell == number && link.port < kPorts) {
      std::uint8_t& bit = in_[index(link.port)][index(link.bit)];
      bit = repair.change == Change::term ? with_term(bit, now(step, link.source), repair.bit) : now(step, link.source);
    }
  }
  if (changed && repair.port < kPorts)
    change_bits(in_[static_cast<std::size_t>(repair.port)].data(),
                cell.in[static_cast<std::size_t>(repair.port)].size(), repair);
  if (cell.op == Op::mem_write) return write(step, cell);
  if (cell.op == Op::mem_read) {
    const Bits read = word(cell.memory, address_of({in_[kA].data(), cell.in[kA].size()}), step);
    std::copy(read.begin(), read.end(), y_.begin());
  } else if (changed && repair.change == Change::other_op) {
    Cell other = cell;
    other.op = repair.op;
    if (repair.bit > 0) {
      other.a_signed = (repair.bit & 1) != 0;
      other.b_signed = (repair.bit & 2) != 0;
    }
    evaluate(other, in_[kA].data(), in_[kB].data(), in_[kS].data(), y_.data());
  } else if (changed && (repair.change == Change::take_a || repair.change == Change::take_b)) {
    const std::size_t p = repair.change == Change::take_a ? kA : kB;
    for (std::size_t i = 0; i < cell.y.size(); ++i) y_[i] = i < cell.in[p].size() ? in_[p][i] : std::uint8_t{0};
  } else if (changed && repair.change == Change::swap) {
    Cell other = cell;
    std::swap(other.in[kA], other.in[kB]);
    evaluate(other, in_[kB].data(), in_[kA].data(), in_[kS].data(), y_.data());
  } else {
    evaluate(cell, in_[kA].data(), in_[kB].data(), in_[kS].data(), y_.data());
  }
  for (const Link& link : repair.links) {
    if (link.cell == number && link.port == kPorts) y_[0] = with_term(y_[0], now(step, link.source), repair.bit);
  }
  if (changed && repair.port == kPorts) change_bits(y_.data(), cell.y.size(), repair);
  if (cell.op == Op::reg) return;
  for (std::size_t i = 0; i < cell.y.size(); ++i) set(step, cell.y[i], y_[i]);
}

/// With the inputs in in_.
void RepairTrial::write(std::size_t step, const Cell& cell) {
  const auto update = [&](std::size_t address, Bits word) {
    const Bits baseline = steps_.word(cell.memory, address, step + 1);
    if (word == baseline) {
      words_.erase({cell.memory, address});
      return;
    }
    words_[{cell.memory, address}] = std::move(word);
    word_changed_ |= steps_.watched_memory(cell.memory);
  };
  // What the design writes without the change.
  std::size_t plain = 0;
  for (std::size_t i = 0; i < cell.in[kA].size(); ++i) plain |= std::size_t{steps_.at(step, cell.in[kA][i])} << i;
  const bool writes_plain = std::ranges::any_of(cell.in[kS], [&](int net) { return steps_.at(step, net) != 0; });
  const std::size_t address = address_of({in_[kA].data(), cell.in[kA].size()});
  const std::size_t n = cell.in[kB].size();
  Bits now = word(cell.memory, address, step);
  Bits kept = word(cell.memory, plain, step);
  bool writes = false;
  for (std::size_t i = 0; i < n; ++i) {
    if (in_[kS][i] == 0) continue;
    now[i] = in_[kB][i];
    writes = true;
  }
  if (writes_plain && (!writes || plain != address)) update(plain, std::move(kept));
  if (writes) update(address, std::move(now));
}

bool RepairTrial::is_changed(const Repair& repair, int number) const {
  if (!repair.links.empty() || netlist_.cells()[index(number)].kind != repair.kind) return false;
  return repair.only.empty() || std::ranges::find(repair.only, number) != repair.only.end();
}

/// What differs from the step before, what reads memories that differ, and what is changed.
void RepairTrial::begin_step(std::size_t step, const Repair& repair) {
  ++current_;
  touched_.clear();
  next_.clear();
  word_changed_ = false;
  for (const auto& [net, value] : carried_) set(step, net, value);
  carried_.clear();
  for (std::size_t i = 0; i < netlist_.cells().size() && !words_.empty(); ++i) {
    const int memory = netlist_.cells()[i].memory;
    const auto at = words_.lower_bound({memory, 0});
    if (memory >= 0 && at != words_.end() && at->first.first == memory) queue(static_cast<int>(i));
  }
  if (repair.links.empty()) {
    for (const std::size_t cell : netlist_.kinds()[repair.kind].cells) queue(static_cast<int>(cell));
  }
  for (const Link& link : repair.links) queue(link.cell);
}

/// False where the values do not settle.
bool RepairTrial::settle(std::size_t step, const Repair& repair) {
  std::size_t left = 2 * netlist_.cells().size();
  while (!heap_.empty()) {
    const int number = heap_.top();
    heap_.pop();
    queued_[index(number)] = 0;
    if (left == 0) continue;  // empties the queue
    --left;
    const Cell& cell = netlist_.cells()[index(number)];
    const bool changed = is_changed(repair, number);
    evaluate_cell(step, number, repair, changed);
    if (cell.op != Op::reg) continue;
    for (std::size_t i = 0; i < cell.y.size(); ++i) {
      const std::uint8_t value = changed && repair.change == Change::hold ? now(step, cell.y[i]) : y_[i];
      if (value != steps_.at(step, cell.in[kA][i])) next_.emplace_back(cell.y[i], value);
    }
  }
  return left > 0;
}

/// What the registers hold after the step.
void RepairTrial::judge_registers(std::size_t step, Effect& effect) {
  const std::size_t last = steps_.count() - 1;
  if (step == last) return;
  for (const auto& [net, value] : next_) {
    if (!steps_.anchored(net) || !steps_.observed(step + 1, net)) {
      carried_[net] = value;
    } else if (step + 1 < last) {
      effect.broken = true;
    } else if (steps_.expected(net) != Steps::kUnknown) {
      ++(wrong_registers_.contains(net) ? effect.right : effect.spoilt);
    }
  }
  if (step + 1 < last) {
    effect.broken |= word_changed_;
    return;
  }
  for (std::size_t i = 0; i < steps_.expected_words().size(); ++i) {
    const Steps::ExpectedWord& one = steps_.expected_words()[i];
    const bool is_right = word(one.memory, one.address, last) == one.word;
    if (wrong_words_.contains(i) && is_right) ++effect.right;
    if (!wrong_words_.contains(i) && !is_right) ++effect.spoilt;
  }
}

void RepairTrial::judge_wires(std::size_t step, Effect& effect) const {
  for (const int net : touched_) {
    if (steps_.anchored(net) || now(step, net) == steps_.at(step, net)) continue;
    if (step + 1 < steps_.count()) {
      effect.broken |= steps_.observed(step, net);
    } else if (steps_.expected(net) != Steps::kUnknown) {
      ++(wrong_wires_.contains(net) ? effect.right : effect.spoilt);
    }
  }
}

void RepairTrial::run(Repair& repair, std::size_t first) {
  words_.clear();
  carried_.clear();
  links_ = &repair.links;
  repair.broken = repair.right = repair.spoilt = 0;
  repair.fixed = 0;
  Effect effect;
  for (std::size_t step = first; step < steps_.count(); ++step) {
    effect.broken = false;
    begin_step(step, repair);
    if (!settle(step, repair)) return;
    judge_registers(step, effect);
    judge_wires(step, effect);
    if (effect.broken) ++repair.broken;
  }
  repair.right = effect.right;
  repair.spoilt = effect.spoilt;
  repair.fixed = (static_cast<double>(effect.right) - static_cast<double>(effect.spoilt)) /
                 static_cast<double>(std::max<std::size_t>(wrong(), 1));
}

}  // namespace systole::debug
