// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/golden_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace systole::trace {
namespace {

constexpr int kCoordinateBits = 16;

}  // namespace

GoldenScope::GoldenScope(const check::Watch& watch, const dut::Dut& design)
    : watch_(watch), pins_(design.pins()), pin_values_(pins_), lanes_(check::PinValues::kMaxLanes) {
  declare_pins();
  declare_streams();
  if (watch_.follows_registers()) declare_registers();
  values_.resize(signals_.size());
  for (std::size_t i = 0; i < signals_.size(); ++i) signals_[i].value = &values_[i];
}

void GoldenScope::add(std::string scope, std::string name, int bits) {
  signals_.push_back({std::move(scope), std::move(name), bits, nullptr});
}

void GoldenScope::declare_pins() {
  for (const port::OutPin& pin : pins_.watched) add("golden", pin.name, pin.bits);
  const port::OutStream& out = pins_.output;
  for (int lane = 0; lane < out.lanes; ++lane) add("golden", fmt::format("{}_{}", out.data_pin, lane), out.lane_bits);
  add("golden", "pin_mismatch", 1);
  for (const char* name : {"oc", "oh", "ow"}) add("golden", name, kCoordinateBits);
}

void GoldenScope::declare_streams() {
  const auto declare = [this](const std::string& stream, int lanes, int bits) {
    for (int lane = 0; lane < lanes; ++lane) add("rtl", fmt::format("{}_data_{}", stream, lane), bits);
  };
  for (const port::InStream& in : pins_.inputs) declare(in.name, in.lanes, in.lane_bits);
  declare(pins_.output.name, pins_.output.lanes, pins_.output.lane_bits);
}

void GoldenScope::declare_registers() {
  for (std::size_t cell = 0; !pins_.registers.empty() && cell < pins_.registers[0].at.size(); ++cell) {
    for (const port::RegisterBank& bank : pins_.registers) {
      std::string path = "golden." + bank.path[cell];
      const std::size_t name = path.rfind('.') + 1;
      std::replace(path.begin(), path.end(), '.', ' ');
      add(path.substr(0, name - 1), path.substr(name), bank.bits);
    }
  }
}

void GoldenScope::update() {
  next_ = 0;
  put_pins();
  for (const port::InStream& in : pins_.inputs) put_lanes(in.data.data, in.lanes, in.lane_bits);
  put_lanes(pins_.output.data.data, pins_.output.lanes, pins_.output.lane_bits);
  if (watch_.follows_registers()) put_registers();
}

void GoldenScope::put_pins() {
  const check::ExpectedPins expected = watch_.pins();
  for (std::size_t i = 0; i < pins_.watched.size(); ++i) put(expected.pins[i]);
  for (int lane = 0; lane < pins_.output.lanes; ++lane) put(static_cast<std::uint32_t>(expected.lanes[lane]));
  put(pin_values_.agree(expected) ? 0 : 1);
  const check::OutPlace place = watch_.out_place().value_or(check::OutPlace{});
  for (const int coordinate : {place.oc, place.oh, place.ow}) put(static_cast<std::uint32_t>(coordinate));
}

void GoldenScope::put_lanes(const void* packed, int lanes, int lane_bits) {
  if (lanes == 0) return;
  port::unpack_lanes(packed, lanes, lane_bits, lanes_.data());
  for (int i = 0; i < lanes; ++i) put(static_cast<std::uint32_t>(lanes_[static_cast<std::size_t>(i)]));
}

void GoldenScope::put_registers() {
  for (std::size_t cell = 0; !pins_.registers.empty() && cell < pins_.registers[0].at.size(); ++cell) {
    for (std::size_t bank = 0; bank < pins_.registers.size(); ++bank) {
      put(static_cast<std::uint32_t>(watch_.registers(bank)[cell]));
    }
  }
}

}  // namespace systole::trace
