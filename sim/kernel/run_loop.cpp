// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/run_loop.h"

#include <cstring>
#include <utility>

namespace systole::kernel {

InputPort::InputPort(std::uint8_t* valid, const dut::WidePort& data, int bits)
    : valid_(valid), data_(data), words_(data.bytes / sizeof(std::uint32_t)), bits_(bits) {}

void InputPort::copy_short(const std::uint32_t* beat) { std::memcpy(data_.data, beat, data_.bytes); }

void InputPort::complement() {
  // Bits above the port's width stay 0, which generated code relies on.
  auto* bytes = static_cast<unsigned char*>(data_.data);
  for (int bit = 0; bit < bits_; bit += 8) {
    const unsigned mask = bits_ - bit >= 8 ? 0xFFU : (1U << (bits_ - bit)) - 1U;
    bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ mask);
  }
}

void InputPort::reset() {
  pending_ = false;
  *valid_ = 0;
}

RunLoop::RunLoop(dut::Dut& dut)
    : dut_(dut),
      ports_(dut.ports()),
      cfg_(ports_.cfg_valid, ports_.cfg_data, 128),
      wgt_(ports_.wgt_valid, ports_.wgt_data, dut.geometry().cols * dut.geometry().wgt_width + 5),
      act_(ports_.act_valid, ports_.act_data, dut.geometry().rows * dut.geometry().act_width) {}

void RunLoop::reset(std::uint64_t seed) {
  dut_.fill_unreset_state(seed);
  reset();
}

void RunLoop::reset() {
  constexpr int kResetClocks = 3;
  cfg_.reset();
  wgt_.reset();
  act_.reset();
  *ports_.out_ready = 0;
  *ports_.clk = 0;
  *ports_.rst_n = 1;  // so that the model sees the falling edge of the asynchronous reset
  dut_.eval();
  *ports_.rst_n = 0;
  dut_.eval();
  for (int clock = 0; clock < kResetClocks; ++clock) {
    *ports_.clk = 1;
    dut_.eval();
    *ports_.clk = 0;
    dut_.eval();
  }
  *ports_.rst_n = 1;
  dut_.eval();
  cycle_ = 0;
}

bool RunLoop::poll() {
  if (on_progress_) on_progress_(cycle_);
  return base::interrupted();
}

}  // namespace systole::kernel
