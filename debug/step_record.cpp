// SPDX-License-Identifier: Apache-2.0
#include "debug/step_record.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace systole::debug {

StepRecorder::StepRecorder(const dut::Dut& dut, const session::Monitor& monitor, StepRecord& record)
    : dut_(dut), monitor_(monitor), record_(record) {
  record_ = {};
  add_variables();
  for (const port::RegisterBank& bank : dut.pins().registers) record_.banks.push_back(bank.path);
  record_.contents = later_ = contents();
  keep(0);
}

void StepRecorder::add_variables() {
  std::set<std::string> seen;
  std::size_t at = 0;
  const auto add = [&](const std::string& path, const port::Storage& storage, bool input) {
    if (!seen.insert(path).second) return;
    record_.variables.push_back({.path = path, .bits = storage.bits, .at = at, .input = input});
    sources_.push_back({storage.data, at, storage.bytes});
    at += storage.bytes;
  };
  const auto add_bit = [&](const std::string& path, const std::uint8_t* bit, bool input) {
    add(path, {.data = const_cast<std::uint8_t*>(bit), .bytes = 1, .bits = 1}, input);  // only read
  };
  const port::PinMap& pins = dut_.pins();
  for (const port::InStream& stream : pins.inputs) {
    add_bit(stream.valid_pin, stream.valid, true);
    add(stream.data_pin, stream.data, true);
  }
  add_bit(pins.output.ready_pin, pins.output.ready, true);
  add_bit(pins.output.valid_pin, pins.output.valid, false);
  add_bit(pins.output.last_pin, pins.output.last, false);
  add(pins.output.data_pin, pins.output.data, false);
  for (const port::OutPin& pin : pins.watched)
    add(pin.name, {.data = const_cast<void*>(pin.data), .bytes = pin.bytes, .bits = pin.bits}, false);  // only read
  for (const dut::PublicVariable& variable : dut_.variables()) {
    if (variable.words == 1) {
      add(variable.path, variable.at, false);
      continue;
    }
    record_.memories.push_back({variable.path, variable.at.bits, variable.at.bytes, variable.words});
    memories_.push_back({variable.at.data, 0, variable.at.bytes * variable.words});
  }
}

void StepRecorder::dump(std::uint64_t time) {
  const std::uint64_t cycle = time / kernel::kTimePerCycle;
  if (time != kernel::time_of_rising_edge(cycle)) return;
  forget_older(cycle);
  keep(cycle);
  if (!monitor_.findings().any()) return;
  complete_ = true;
  keep_expected_pins();
  keep_expected_registers();
}

/// Contents are kept every kLeast cycles; the cycles before the last but one of them go.
void StepRecorder::forget_older(std::uint64_t cycle) {
  if (cycle - later_cycle_ < kLeast) return;
  while (record_.cycles.front().number < later_cycle_) record_.cycles.pop_front();
  record_.contents = std::exchange(later_, contents());
  later_cycle_ = cycle;
}

void StepRecorder::keep(std::uint64_t cycle) {
  StepRecord::Cycle now{.number = cycle, .values = {}, .known = {}};
  now.values.resize(sources_.back().at + sources_.back().bytes);
  for (const Source& source : sources_) std::memcpy(now.values.data() + source.at, source.data, source.bytes);
  for (std::size_t bank = 0; bank < record_.banks.size(); ++bank)
    now.known.push_back(monitor_.watch()->registers(bank).values != nullptr ? 1 : 0);
  record_.cycles.push_back(std::move(now));
}

std::vector<std::vector<std::uint8_t>> StepRecorder::contents() const {
  std::vector<std::vector<std::uint8_t>> all;
  for (const Source& memory : memories_) {
    const auto* const data = static_cast<const std::uint8_t*>(memory.data);
    all.emplace_back(data, data + memory.bytes);
  }
  return all;
}

void StepRecorder::keep_expected_pins() {
  const port::PinMap& pins = dut_.pins();
  const check::ExpectedPins now = monitor_.watch()->pins();
  for (std::size_t i = 0; i < pins.watched.size(); ++i)
    record_.expected.push_back({.path = pins.watched[i].name, .bits = pins.watched[i].bits, .words = {now.pins[i]}});
  Expected out{.path = pins.output.data_pin, .bits = pins.output.data.bits, .words = {}};
  out.words.resize(static_cast<std::size_t>(out.bits + 31) / 32);
  for (int lane = 0; lane < pins.output.lanes; ++lane) {
    for (int bit = 0; bit < pins.output.lane_bits; ++bit) {
      const auto place = static_cast<std::size_t>(lane) * static_cast<std::size_t>(pins.output.lane_bits) +
                         static_cast<std::size_t>(bit);
      const auto value = static_cast<std::uint32_t>(now.lanes[lane]) >> bit & 1U;
      out.words[place / 32] |= value << place % 32;
    }
  }
  record_.expected.push_back(std::move(out));
}

void StepRecorder::keep_expected_registers() {
  const port::PinMap& pins = dut_.pins();
  for (std::size_t b = 0; b < pins.registers.size(); ++b) {
    const port::RegisterBank& bank = pins.registers[b];
    const check::ExpectedBank values = monitor_.watch()->registers(b);
    if (values.values == nullptr || bank.at.empty()) continue;
    for (std::size_t i = 0; i < bank.path.size(); ++i) {
      const auto* first = values.values + i * bank.words();
      record_.expected.push_back({.path = bank.path[i],
                                  .bits = bank.bits,
                                  .words = {first, first + bank.words()},
                                  .memory = bank.depth > 0,
                                  .address = values.address});
    }
  }
}

SignalPart part_of(const std::string& signal) {
  const std::size_t colon = signal.rfind(':'), bracket = signal.rfind('[');
  if (colon == std::string::npos || bracket == std::string::npos || colon < bracket) return {.path = signal};
  return {.path = signal.substr(0, bracket),
          .first = std::stoi(signal.substr(colon + 1)),
          .last = std::stoi(signal.substr(bracket + 1))};
}

std::optional<std::int64_t> value_before(const StepRecord& record, const std::string& signal) {
  const SignalPart part = part_of(signal);
  const auto variable = std::ranges::find(record.variables, part.path, &RecordedVariable::path);
  if (record.cycles.size() < 2 || variable == record.variables.end()) return std::nullopt;
  const int first = part.first, last = part.last < first ? variable->bits - 1 : part.last;
  constexpr int kMost = 64, kByte = 8;
  if (last - first >= kMost || first % kByte != 0) return std::nullopt;
  const std::vector<std::uint8_t>& values = record.cycles[record.cycles.size() - 2].values;
  std::uint64_t value = 0;
  for (int bit = first; bit <= last; bit += kByte)
    value |= std::uint64_t{values[variable->at + static_cast<std::size_t>(bit / kByte)]} << (bit - first);
  return static_cast<std::int64_t>(value);
}

}  // namespace systole::debug
