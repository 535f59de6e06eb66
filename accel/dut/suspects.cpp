// SPDX-License-Identifier: Apache-2.0
#include "accel/dut/suspects.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "accel/contract/pins.h"
#include "accel/contract/registers.h"

namespace systole::accel {
namespace {

std::string of_cell(int row, int col, std::string_view variable) {
  if (variable == kRegisterNames[kWeight].variable) {
    return "the cell's shadow weight was right: the swap on its way through the array, its reset, or the cycle in "
           "which "
           "ctrl starts a pass";
  }
  if (variable == kRegisterNames[kShadow].variable) {
    return "comes from outside the array, down through the cells: weight_loader and its stream_fifo, codebook, "
           "zero_wgt, "
           "the weights' skew; or the row's enable";
  }
  if (variable == kRegisterNames[kAct].variable) {
    return col == 0
               ? "comes from outside the array: act_buffer, im2col (address, padding), zero_in, the activations' skew"
               : "the cell to the left was right: this cell, or what is between the two";
  }
  return row == 0 ? "weight and activation were right: the cell's product, sum or clamp, or its enable"
                  : "weight, activation and the sum above were right: the cell's product, sum or clamp, or its enable";
}

std::string of_pin(std::string_view pin) {
  if (pin == kOutPinNames[kState]) return "the edges of the state machine in ctrl, or what they ask for";
  if (pin.starts_with("cnt_")) return "the counters of ctrl: which cycle counts where";
  if (pin == kOutPinNames[kOverflow]) return "the clamps of c_unit, psum_lane and output_lane, or when the flag falls";
  if (pin == kOutPinNames[kCfgReady]) return "cfg_loader and channel_table";
  if (pin == kOutPinNames[kWgtReady]) return "weight_loader";
  if (pin == kOutPinNames[kActReady]) return "act_buffer";
  return "every cell was right: psum_bank and psum_lane, output_lane and what it is made of, channel_table, or the "
         "output FIFO";
}

}  // namespace

std::string suspects(const check::Mismatch& first) {
  int row = 0, col = 0;
  std::array<char, 32> variable{};
  const bool cell =
      std::sscanf(first.signal.c_str(), "u_array.g_row[%d].g_col[%d].u_c.%31s", &row, &col, variable.data()) == 3;
  if (first.checker == check::Checker::registers && cell) return of_cell(row, col, variable.data());
  return first.checker == check::Checker::pins ? of_pin(first.signal) : std::string();
}

}  // namespace systole::accel
