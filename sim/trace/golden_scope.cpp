// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/golden_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace systole::trace {
namespace {

constexpr int kCoordinateBits = 16;

using Signals = std::vector<dut::TraceSignal>;

void add(Signals& signals, std::string scope, std::string name, int bits) {
  signals.push_back({std::move(scope), std::move(name), bits, nullptr});
}

void declare_pins(const port::PinMap& pins, Signals& signals) {
  for (const port::OutPin& pin : pins.watched) add(signals, "golden", pin.name, pin.bits);
  const port::OutStream& out = pins.output;
  for (int lane = 0; lane < out.lanes; ++lane)
    add(signals, "golden", fmt::format("{}_{}", out.data_pin, lane), out.lane_bits);
  add(signals, "golden", "pin_mismatch", 1);
  for (const char* name : {"oc", "oh", "ow", "layer"}) add(signals, "golden", name, kCoordinateBits);
  add(signals, "golden", "cycle", 32);
}

void declare_streams(const port::PinMap& pins, Signals& signals) {
  const auto declare = [&](const std::string& stream, int lanes, int bits) {
    for (int lane = 0; lane < lanes; ++lane) add(signals, "rtl", fmt::format("{}_data_{}", stream, lane), bits);
  };
  for (const port::InStream& in : pins.inputs) declare(in.name, in.lanes, in.lane_bits);
  declare(pins.output.name, pins.output.lanes, pins.output.lane_bits);
}

/// Whether a watch of that level has values of it for every cycle.
bool shown(const port::RegisterBank& bank, check::CheckLevel level) {
  return bank.depth == 0 && level >= (bank.deep ? check::CheckLevel::all : check::CheckLevel::pe);
}

void declare_registers(const port::PinMap& pins, check::CheckLevel level, Signals& signals) {
  if (level < check::CheckLevel::pe || pins.registers.empty()) return;
  add(signals, "golden", "register_mismatch", 1);
  for (const port::RegisterBank& bank : pins.registers) {
    for (std::size_t cell = 0; shown(bank, level) && cell < bank.path.size(); ++cell) {
      std::string path = "golden." + bank.path[cell];
      const std::size_t name = path.rfind('.') + 1;
      std::replace(path.begin(), path.end(), '.', ' ');
      add(signals, path.substr(0, name - 1), path.substr(name), bank.bits);
    }
  }
}

std::size_t words_of(const dut::TraceSignal& signal) { return static_cast<std::size_t>(signal.bits + 31) / 32; }

}  // namespace

std::vector<dut::TraceSignal> golden_signals(const port::PinMap& pins, check::CheckLevel level) {
  Signals signals;
  declare_pins(pins, signals);
  declare_streams(pins, signals);
  declare_registers(pins, level, signals);
  return signals;
}

GoldenScope::GoldenScope(const check::Watch& watch, const dut::Dut& design)
    : watch_(watch),
      pins_(design.pins()),
      pin_values_(pins_),
      signals_(golden_signals(pins_, watch.level())),
      lanes_(check::PinValues::kMaxLanes) {
  if (watch.level() >= check::CheckLevel::pe) {
    registers_.emplace(pins_.registers, watch.level() == check::CheckLevel::all);
  }
  std::size_t words = 0;
  for (const dut::TraceSignal& signal : signals_) words += words_of(signal);
  values_.resize(words);
  words = 0;
  for (dut::TraceSignal& signal : signals_) {
    signal.value = &values_[words];
    words += words_of(signal);
  }
}

void GoldenScope::update(std::uint64_t cycle, std::size_t layer) {
  next_ = 0;
  put_pins(cycle, layer);
  for (const port::InStream& in : pins_.inputs) put_lanes(in.data.data, in.lanes, in.lane_bits);
  put_lanes(pins_.output.data.data, pins_.output.lanes, pins_.output.lane_bits);
  if (registers_) put_registers();
}

void GoldenScope::put_pins(std::uint64_t cycle, std::size_t layer) {
  const check::ExpectedPins expected = watch_.pins();
  for (std::size_t i = 0; i < pins_.watched.size(); ++i) put(expected.pins[i]);
  for (int lane = 0; lane < pins_.output.lanes; ++lane) put(static_cast<std::uint32_t>(expected.lanes[lane]));
  put(pin_values_.agree(expected) ? 0 : 1);
  const check::OutPlace place = watch_.out_place().value_or(check::OutPlace{});
  for (const int coordinate : {place.oc, place.oh, place.ow}) put(static_cast<std::uint32_t>(coordinate));
  put(static_cast<std::uint32_t>(layer));
  put(static_cast<std::uint32_t>(cycle));
}

void GoldenScope::put_lanes(const void* packed, int lanes, int lane_bits) {
  if (lanes == 0) return;
  port::unpack_lanes(packed, lanes, lane_bits, lanes_.data());
  for (int i = 0; i < lanes; ++i) put(static_cast<std::uint32_t>(lanes_[static_cast<std::size_t>(i)]));
}

void GoldenScope::put_registers() {
  if (pins_.registers.empty()) return;
  put(registers_->equal(0, [this](std::size_t bank) { return watch_.registers(bank); }) ? 0 : 1);
  for (std::size_t i = 0; i < pins_.registers.size(); ++i) {
    const port::RegisterBank& bank = pins_.registers[i];
    if (!shown(bank, watch_.level())) continue;
    const std::size_t words = bank.path.size() * bank.words();
    const std::int32_t* expected = watch_.registers(i).values;
    if (expected != nullptr) std::copy_n(expected, words, values_.data() + next_);
    next_ += words;
  }
}

}  // namespace systole::trace
