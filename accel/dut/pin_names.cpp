// SPDX-License-Identifier: Apache-2.0
#include "accel/dut/pin_names.h"

#include <string>

#include "accel/contract/pins.h"

namespace systole::accel {
namespace {

constexpr int kCfgDataBits = 128, kAlignBits = 5;

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

int bits_of(CellRegister which, const Geometry& g) {
  if (which == kPsum) return g.psum_width;
  return (which == kAct ? g.act_width : g.wgt_width) + 1;  // less a zero point
}

port::RegisterBank bank(CellRegister which, const Geometry& g) {
  port::RegisterBank result{
      .name = std::string(kCellRegisterNames[which].holds), .path = {}, .at = {}, .bits = bits_of(which, g)};
  for (int row = 0; row < g.rows; ++row) {
    for (int col = 0; col < g.cols; ++col) {
      result.path.push_back(cell_path(row, col) + "." + std::string(kCellRegisterNames[which].variable));
    }
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
  for (std::size_t i = 0; i < kCellRegisters; ++i) map.registers.push_back(bank(static_cast<CellRegister>(i), g));
  return map;
}

}  // namespace systole::accel
