// SPDX-License-Identifier: Apache-2.0
#pragma once
// gemm_axis as a TLM-2.0 target: a bridge of a user's own, out of the parts that adapters have. The
// bench runs on a thread of the module and waits there for accesses.
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <deque>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "Vgemm_axis.h"
#include "systole/adapter.h"

class GemmModel final : public systole::dut::VerilatedDut<Vgemm_axis, systole::dut::NoBinding,
                                                          systole::dut::NoTrace> {
 public:
  using VerilatedDut::model;
};

/// Registers from address 0, streams a and b (beats of two words, written) and y (read).
class GemmTarget : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t kA = 0x10000, kB = 0x20000, kY = 0x30000, kWindow = 0x10000;
  tlm_utils::simple_target_socket<GemmTarget, 32> socket;

  GemmTarget(sc_core::sc_module_name name, const sc_core::sc_time& period)
      : sc_module(name), socket("socket"), period_(period) {
    socket.register_b_transport(this, &GemmTarget::b_transport);
    SC_THREAD(serve);
    set_stack_size(1 << 20);
  }

  /// How the design kept its rules so far: empty, or the rule that it broke.
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::uint64_t cycles() const { return bench.now(); }

 private:
  SC_HAS_PROCESS(GemmTarget);
  static constexpr std::uint64_t kMost = 100'000'000;  // cycles of a simulation

  void serve() {
    broken_ = bench.run(accesses(), kMost).detail;
    ended_ = true;
    done_.notify();
  }

  /// Until the simulation ends: an access after the other. Whoever waits for one clocks the design.
  systole::Task accesses() {
    bench.fork(feed(a, a_queue_), "a");
    bench.fork(feed(b, b_queue_), "b");
    for (;;) {
      // Where nobody accesses, it is the bench that waits for SystemC's event, not this coroutine,
      // which may be destroyed then.
      co_await bench.until([this, asked = false]() mutable {
        while (std::exchange(asked, true) && access_ == nullptr) wait(asked_);
        return access_ != nullptr;
      });
      co_await serve_one(*access_);
      access_ = nullptr;
      done_.notify();
    }
  }

  systole::Task feed(systole::Source<QData>& stream, std::deque<QData>& queue) {
    for (;;) {
      co_await bench.until([&queue] { return !queue.empty(); }, "for the bus");
      co_await stream.send(queue.front());
      queue.pop_front();
    }
  }

  systole::Task serve_one(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    auto* words = reinterpret_cast<std::uint32_t*>(payload.get_data_ptr());
    const std::size_t count = payload.get_data_length() / 4;
    if (address < kA) {
      for (std::size_t i = 0; i < count; ++i) {
        const auto at = static_cast<SData>(address + 4 * i);
        if (payload.is_write()) co_await registers.write(at, words[i]);
        if (payload.is_read()) words[i] = co_await registers.read(at);
      }
    } else if (payload.is_write()) {
      std::deque<QData>& queue = address < kB ? a_queue_ : b_queue_;
      for (std::size_t i = 0; i + 1 < count; i += 2)
        queue.push_back(words[i] | QData{words[i + 1]} << 32);
      co_await bench.cycles(count / 2);
    } else {
      std::vector<QData> beats(count / 2);
      co_await y.receive(beats);
      std::memcpy(words, beats.data(), 8 * beats.size());
    }
  }

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t end = payload.get_address() + payload.get_data_length();
    const bool read = payload.is_read(), of_y = payload.get_address() >= kY;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (end > kY + kWindow || payload.get_address() % 4 != 0) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else if (payload.get_byte_enable_ptr() != nullptr) {
      payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    } else if (payload.get_address() >= kA && read != of_y) {
      payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    }
    if (!payload.is_response_ok()) return;
    const std::uint64_t before = bench.now();
    access_ = &payload;
    asked_.notify();
    while (access_ != nullptr && !ended_) wait(done_);
    if (ended_) payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    delay += period_ * static_cast<double>(bench.now() - before);
  }

  sc_core::sc_time period_;
  sc_core::sc_event asked_, done_;
  tlm::tlm_generic_payload* access_ = nullptr;
  bool ended_ = false;
  std::string broken_;
  std::deque<QData> a_queue_, b_queue_;

  GemmModel dut;
  Vgemm_axis& top = dut.model();
  systole::Bench bench{dut, {.clock = &top.aclk, .reset = &top.aresetn}};
  using Stream = systole::Source<QData>;
  Stream a{bench, "a", top.s_axis_a_tvalid, top.s_axis_a_tready, top.s_axis_a_tdata};
  Stream b{bench, "b", top.s_axis_b_tvalid, top.s_axis_b_tready, top.s_axis_b_tdata};
  systole::Sink<QData> y{bench,
                         "y",
                         top.m_axis_y_tvalid,
                         top.m_axis_y_tready,
                         top.m_axis_y_tdata,
                         &top.m_axis_y_tlast};
  systole::AxiLiteMaster<SData> registers{
      bench,
      "registers",
      {top.s_axil_awvalid, top.s_axil_awready, top.s_axil_awaddr, top.s_axil_wvalid,
       top.s_axil_wready, top.s_axil_wdata, top.s_axil_bvalid, top.s_axil_bready, top.s_axil_bresp,
       top.s_axil_arvalid, top.s_axil_arready, top.s_axil_araddr, top.s_axil_rvalid,
       top.s_axil_rready, top.s_axil_rdata, top.s_axil_rresp}};
};
