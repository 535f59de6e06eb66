// SPDX-License-Identifier: Apache-2.0
#include "debug/steps.h"

#include <algorithm>
#include <array>
#include <utility>

namespace systole::debug {
namespace {

bool bit_of(const std::vector<std::uint32_t>& words, int bit) {
  return (words[index(bit) / 32] >> (bit % 32) & 1U) != 0;
}

Bits unpack(const std::uint8_t* data, int bits) {
  Bits word(static_cast<std::size_t>(bits));
  for (std::size_t i = 0; i < word.size(); ++i) word[i] = data[i / 8] >> (i % 8) & 1U;
  return word;
}

}  // namespace

std::size_t address_of(std::span<const std::uint8_t> bits) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) value |= std::size_t{bits[i]} << i;
  return value;
}

Steps::Steps(const WordNetlist& netlist, const StepRecord& record) : netlist_(netlist), record_(record) {
  const std::size_t nets = index(netlist.nets());
  anchored_.assign(nets, 0);
  expected_.assign(nets, kUnknown);
  bank_.assign(nets, kNobody);
  find_memories();
  find_variables();
  find_expected();
  expected_[WordNetlist::kZero] = expected_[WordNetlist::kOne] = kUnknown;
  bank_[WordNetlist::kZero] = bank_[WordNetlist::kOne] = kNobody;
  for (std::size_t step = 0; step < record.cycles.size(); ++step) {
    values_.emplace_back(nets, 0)[WordNetlist::kOne] = 1;
    set_state(step);
    set_inputs(step);
    compute(step);
    add_writes(step);
    compare(step);
  }
}

std::vector<int> Steps::find(const std::string& path) const {
  std::vector<int> found;
  if (const std::vector<int>* const at = netlist_.find(path)) found = *at;
  for (int& net : found) net = netlist_.origin(net);
  return found;
}

void Steps::find_memories() {
  const std::size_t count = netlist_.memories().size();
  for (std::size_t m = 0; m < count; ++m) memory_at_[netlist_.memories()[m].path] = static_cast<int>(m);
  writes_.resize(count);
  contents_.assign(count, nullptr);
  bytes_.assign(count, 0);
  watched_memory_.assign(count, false);
  for (std::size_t m = 0; m < record_.memories.size(); ++m) {
    const auto found = memory_at_.find(record_.memories[m].path);
    if (found == memory_at_.end()) continue;
    contents_[index(found->second)] = &record_.contents[m];
    bytes_[index(found->second)] = record_.memories[m].bytes;
  }
}

void Steps::find_variables() {
  for (const RecordedVariable& variable : record_.variables) {
    std::vector<int> nets = find(variable.path);
    if (static_cast<int>(nets.size()) != variable.bits) continue;
    for (const int net : nets) {
      const int driver = netlist_.driver(net);
      if (!variable.input && driver >= 0 && netlist_.cells()[index(driver)].op == Op::reg) anchored_[index(net)] = 1;
    }
    (variable.input ? inputs_ : places_).push_back({std::move(nets), &variable});
  }
}

void Steps::find_expected() {
  for (std::size_t bank = 0; bank < record_.banks.size(); ++bank) {
    for (const std::string& path : record_.banks[bank]) {
      const auto memory = memory_at_.find(path);
      if (memory != memory_at_.end()) watched_memory_[index(memory->second)] = true;
      for (const int net : find(path)) bank_[index(net)] = static_cast<int>(bank);
    }
  }
  for (const Expected& one : record_.expected) {
    Bits bits;
    for (int i = 0; i < one.bits; ++i) bits.push_back(bit_of(one.words, i) ? 1 : 0);
    if (one.memory) {
      const auto memory = memory_at_.find(one.path);
      if (memory != memory_at_.end()) expected_words_.push_back({memory->second, one.address, std::move(bits)});
      continue;
    }
    const std::vector<int> nets = find(one.path);
    if (nets.size() != bits.size()) continue;
    for (std::size_t i = 0; i < nets.size(); ++i) {
      const int net = nets[i];
      if (net <= WordNetlist::kOne && net != bits[i]) wrong_constants_.push_back(nets);
      expected_[index(net)] = bits[i];
      if (bank_[index(net)] == kNobody) bank_[index(net)] = kAlways;
    }
  }
}

/// What the model showed; what it does not show as the step before left it; after the last edge the golden's.
void Steps::set_state(std::size_t step) {
  Bits& values = values_[step];
  for (const Cell& cell : netlist_.cells()) {
    if (cell.op != Op::reg || step == 0) continue;
    for (std::size_t i = 0; i < cell.y.size(); ++i) values[index(cell.y[i])] = values_[step - 1][index(cell.in[kA][i])];
  }
  for (const Place& place : places_) {
    for (std::size_t i = 0; i < place.nets.size(); ++i) {
      if (anchored(place.nets[i])) values[index(place.nets[i])] = recorded(step, place, i);
    }
  }
  if (step + 1 < record_.cycles.size()) return;
  for (std::size_t net = 2; net < values.size(); ++net) {
    if (anchored_[net] != 0 && expected_[net] != kUnknown) values[net] = expected_[net];
  }
}

void Steps::set_inputs(std::size_t step) {
  const std::size_t next = std::min(step + 1, record_.cycles.size() - 1);
  for (const Place& place : inputs_) {
    for (std::size_t i = 0; i < place.nets.size(); ++i) values_[step][index(place.nets[i])] = recorded(next, place, i);
  }
}

std::uint8_t Steps::recorded(std::size_t step, const Place& place, std::size_t bit) const {
  return record_.cycles[step].values[place.variable->at + bit / 8] >> (bit % 8) & 1U;
}

void Steps::compare(std::size_t step) {
  constexpr std::size_t kFirst = 16;
  if (step < kFirst || step + 1 == record_.cycles.size()) return;
  for (const Place& place : places_) {
    bool same = true;
    for (std::size_t i = 0; i < place.nets.size(); ++i) same &= recorded(step, place, i) == at(step, place.nets[i]);
    if (!same) unlike_.push_back(place.variable->path);
  }
}

Bits Steps::word(int memory, std::size_t address, std::size_t step) const {
  const auto& writes = writes_[index(memory)];
  for (std::size_t i = writes.size(); i-- > 0;) {
    if (writes[i].step < step && writes[i].address == address) return writes[i].word;
  }
  const Memory& description = netlist_.memories()[index(memory)];
  const std::size_t at = address * bytes_[index(memory)];
  if (contents_[index(memory)] == nullptr || at >= contents_[index(memory)]->size()) {
    Bits zeros(index(description.width), 0);
    return zeros;
  }
  return unpack(contents_[index(memory)]->data() + at, description.width);
}

/// In rounds until nothing changes: words whose bits depend on each other are in no order.
void Steps::compute(std::size_t step) {
  constexpr int kMostRounds = 4;
  Bits& values = values_[step];
  std::array<std::array<std::uint8_t, WordNetlist::kMostBits>, kPorts> in{};
  std::array<std::uint8_t, WordNetlist::kMostBits> y{};
  bool again = true;
  for (int round = 0; again && round < kMostRounds; ++round) {
    again = round == 0 && !netlist_.ordered();
    for (const Cell& cell : netlist_.cells()) {
      if (cell.op == Op::reg || cell.op == Op::mem_write) continue;
      for (std::size_t port = 0; port < kPorts; ++port) {
        for (std::size_t i = 0; i < cell.in[port].size(); ++i) in[port][i] = values[index(cell.in[port][i])];
      }
      if (cell.op == Op::mem_read) {
        std::ranges::copy(word(cell.memory, address_of({in[kA].data(), cell.in[kA].size()}), step), y.begin());
      } else {
        evaluate(cell, in[kA].data(), in[kB].data(), in[kS].data(), y.data());
      }
      for (std::size_t i = 0; i < cell.y.size(); ++i) {
        again |= !netlist_.ordered() && values[index(cell.y[i])] != y[i];
        values[index(cell.y[i])] = y[i];
      }
    }
  }
}

void Steps::add_writes(std::size_t step) {
  for (const Cell& cell : netlist_.cells()) {
    if (cell.op != Op::mem_write) continue;
    const auto value = [&](Port port, std::size_t bit) { return at(step, cell.in[port][bit]); };
    Bits address(cell.in[kA].size());
    for (std::size_t i = 0; i < address.size(); ++i) address[i] = value(kA, i);
    Bits now = word(cell.memory, address_of(address), step);
    bool writes = false;
    for (std::size_t i = 0; i < cell.in[kB].size(); ++i) {
      if (value(kS, i) == 0) continue;
      now[i] = value(kB, i);
      writes = true;
    }
    if (writes) writes_[index(cell.memory)].push_back({step, address_of(address), std::move(now)});
  }
}

}  // namespace systole::debug
