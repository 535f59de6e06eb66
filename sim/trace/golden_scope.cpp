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

void declare_registers(const port::PinMap& pins, Signals& signals) {
  if (!pins.registers.empty()) add(signals, "golden", "register_mismatch", 1);
  for (std::size_t cell = 0; !pins.registers.empty() && cell < pins.registers[0].path.size(); ++cell) {
    for (const port::RegisterBank& bank : pins.registers) {
      std::string path = "golden." + bank.path[cell];
      const std::size_t name = path.rfind('.') + 1;
      std::replace(path.begin(), path.end(), '.', ' ');
      add(signals, path.substr(0, name - 1), path.substr(name), bank.bits);
    }
  }
}

}  // namespace

std::vector<dut::TraceSignal> golden_signals(const port::PinMap& pins, bool registers) {
  Signals signals;
  declare_pins(pins, signals);
  declare_streams(pins, signals);
  if (registers) declare_registers(pins, signals);
  return signals;
}

GoldenScope::GoldenScope(const check::Watch& watch, const dut::Dut& design)
    : watch_(watch),
      pins_(design.pins()),
      pin_values_(pins_),
      registers_(watch.follows_registers() ? pins_.registers : std::vector<port::RegisterBank>()),
      signals_(golden_signals(pins_, watch.follows_registers())),
      lanes_(check::PinValues::kMaxLanes) {
  values_.resize(signals_.size());
  for (std::size_t i = 0; i < signals_.size(); ++i) signals_[i].value = &values_[i];
}

void GoldenScope::update(std::uint64_t cycle, std::size_t layer) {
  next_ = 0;
  put_pins(cycle, layer);
  for (const port::InStream& in : pins_.inputs) put_lanes(in.data.data, in.lanes, in.lane_bits);
  put_lanes(pins_.output.data.data, pins_.output.lanes, pins_.output.lane_bits);
  if (watch_.follows_registers()) put_registers();
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
  put(registers_.equal(0, [this](std::size_t bank) { return watch_.registers(bank); }) ? 0 : 1);
  const std::size_t banks = pins_.registers.size(), cells = pins_.registers[0].at.size();
  for (std::size_t bank = 0; bank < banks; ++bank) {
    const std::int32_t* expected = watch_.registers(bank);
    std::uint32_t* value = &values_[next_ + bank];
    for (std::size_t cell = 0; cell < cells; ++cell) value[cell * banks] = static_cast<std::uint32_t>(expected[cell]);
  }
  next_ += banks * cells;
}

}  // namespace systole::trace
