// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/run_loop.h"

#include <cstring>
#include <utility>

namespace systole::kernel {

InputPort::InputPort(const port::InStream& stream)
    : valid_(stream.valid), ready_(stream.ready), data_(stream.data), words_(data_.bytes / sizeof(std::uint32_t)) {}

void InputPort::copy_short(const std::uint32_t* beat) { std::memcpy(data_.data, beat, data_.bytes); }

void InputPort::complement() {
  // Bits above the port's width stay 0, which generated code relies on.
  auto* bytes = static_cast<unsigned char*>(data_.data);
  for (int bit = 0; bit < data_.bits; bit += 8) {
    const unsigned mask = data_.bits - bit >= 8 ? 0xFFU : (1U << (data_.bits - bit)) - 1U;
    bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ mask);
  }
}

void InputPort::reset() {
  pending_ = false;
  *valid_ = 0;
}

RunLoop::RunLoop(dut::Dut& dut) : dut_(dut), pins_(dut.pins()), inputs_(pins_.inputs.begin(), pins_.inputs.end()) {}

void RunLoop::reset(std::uint64_t seed) {
  dut_.fill_unreset_state(seed);
  reset();
}

void RunLoop::reset() {
  constexpr int kResetClocks = 3;
  for (InputPort& input : inputs_) input.reset();
  *pins_.output.ready = 0;
  *pins_.clock = 0;
  *pins_.reset_n = 1;  // so that the model sees the falling edge of the asynchronous reset
  dut_.eval();
  *pins_.reset_n = 0;
  dut_.eval();
  for (int clock = 0; clock < kResetClocks; ++clock) {
    *pins_.clock = 1;
    dut_.eval();
    *pins_.clock = 0;
    dut_.eval();
  }
  *pins_.reset_n = 1;
  dut_.eval();
  cycle_ = 0;
}

bool RunLoop::poll() {
  if (on_progress_) on_progress_(cycle_);
  return base::interrupted();
}

}  // namespace systole::kernel
