// SPDX-License-Identifier: Apache-2.0
#include "accel/dut/pin_names.h"

#include <bit>
#include <stdexcept>
#include <string>

#include "accel/contract/pins.h"
#include "accel/contract/registers.h"

namespace systole::accel {
namespace {

port::InStream in(In which, int data_bits, int lanes = 0, int lane_bits = 0) {
  const std::string name(kInNames[static_cast<std::size_t>(which)]);
  return {.name = name,
          .valid_pin = name + "_valid_i",
          .ready_pin = name + "_ready_o",
          .data_pin = name + "_data_i",
          .data = {nullptr, 0, data_bits},
          .lanes = lanes,
          .lane_bits = lane_bits};
}

int bits_of(std::size_t pin, const Geometry& g) {
  if (pin == kState) return 3;
  if (pin == kOverflow) return g.cols;
  return pin >= kCnt ? 32 : 1;
}

std::size_t depth_of(Register which, const Geometry& g) {
  if (kRegisterNames[which].kind != Kind::memory) return 0;
  if (which == kActWord) return 2 * static_cast<std::size_t>(g.act_depth);
  return static_cast<std::size_t>(which == kBankWord ? g.psum_depth : g.par_tiles);
}

std::string numbered(std::string_view text, int number) {
  std::string result(text);
  const std::size_t place = result.find("{}");
  return place == std::string::npos ? result : result.replace(place, 2, std::to_string(number));
}

std::vector<std::string> instances(Lanes lanes, std::string_view path, const Geometry& g) {
  if (lanes == Lanes::one || lanes == Lanes::level) return {std::string(path)};
  std::vector<std::string> result;
  for (int row = 0; lanes == Lanes::cell && row < g.rows; ++row) {
    for (int col = 0; col < g.cols; ++col) result.push_back(cell_path(row, col));
  }
  for (int col = 0; lanes == Lanes::column && col < g.cols; ++col) result.push_back(numbered(path, col));
  return result;
}

port::RegisterBank bank(Register which, const Geometry& g) {
  constexpr int kLevels = 4;
  const RegisterName& name = kRegisterNames[which];
  port::RegisterBank result{.name = std::string(name.holds),
                            .path = {},
                            .at = {},
                            .bits = bits_of(which, g),
                            .is_signed = name.is_signed,
                            .lane_bits = lane_bits_of(which, g),
                            .deep = which < kWeight || which > kPsum,
                            .optional = name.kind == Kind::wire,
                            .depth = depth_of(which, g)};
  for (const std::string& instance : instances(name.lanes, name.path, g)) {
    const std::string scope = instance.empty() ? instance : instance + ".";
    for (int i = 0; i < (name.lanes == Lanes::level ? kLevels : 1); ++i)
      result.path.push_back(scope + numbered(name.variable, i));
  }
  return result;
}

}  // namespace

port::PinMap pin_names(const Geometry& g) {
  port::PinMap map;
  map.clock_pin = "clk_i";
  map.inputs = {in(In::cfg, kCfgDataBits), in(In::wgt, g.cols * g.wgt_width + kAlignBits),
                in(In::act, g.rows * g.act_width, g.rows, g.act_width)};
  map.output = {.name = "out",
                .valid_pin = "out_valid_o",
                .ready_pin = "out_ready_i",
                .last_pin = "out_last_o",
                .data_pin = "out_data_o",
                .data = {nullptr, 0, g.cols * g.psum_width},
                .lanes = g.cols,
                .lane_bits = g.psum_width};
  for (std::size_t pin = 0; pin < kOutPins; ++pin) {
    map.watched.push_back({std::string(kOutPinNames[pin]), nullptr, 0, bits_of(pin, g)});
  }
  for (std::size_t i = 0; i < kCounters; ++i) {
    map.counters.push_back({std::string(kCounterNames[i]), map.watched[kCnt + i].name, nullptr});
  }
  for (std::size_t i = 0; i < kRegisters; ++i) map.registers.push_back(bank(static_cast<Register>(i), g));
  return map;
}

bool has_wires(const port::PinMap& pins) {
  return pins.registers.size() == kRegisters && !pins.registers[kStep].at.empty();
}

}  // namespace systole::accel
