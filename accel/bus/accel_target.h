// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Verilated accelerator as a TLM-2.0 target, loosely timed. Address map, timing and errors: docs/tlm.md.
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <systemc>

#include "accel/bus/address_map.h"
#include "accel/bus/clocked_dut.h"

namespace systole::bus {

struct TargetSettings {
  sc_core::sc_time clock_period{10, sc_core::SC_NS};
  QueueDepths depths{};    ///< unbounded: an initiator may write a whole layer before it reads
  std::uint64_t seed = 1;  ///< of the state that reset does not clear
};

class AccelTarget : public sc_core::sc_module {
 public:
  ::tlm_utils::simple_target_socket<AccelTarget, 32> socket;

  /// `design` must outlive the module and be clocked by nobody else.
  AccelTarget(sc_core::sc_module_name name, dut::Dut& design, const TargetSettings& settings = {});

  /// For an observer, a trace or stalls, and to clock the design on after the simulation.
  [[nodiscard]] ClockedDut& clocked() { return clocked_; }
  [[nodiscard]] const ClockedDut& clocked() const { return clocked_; }
  void observe(CycleObserver* observer) { clocked_.observe(observer); }

 private:
  enum class Direction { read, write };
  /// One stream window.
  struct Window {
    std::uint64_t base;
    Direction direction;
    tlm::BeatFifo* queue;
  };

  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload);

  [[nodiscard]] const Window* window(std::uint64_t address) const;
  [[nodiscard]] ::tlm::tlm_response_status check(const ::tlm::tlm_generic_payload& payload) const;
  ::tlm::tlm_response_status execute(::tlm::tlm_generic_payload& payload);
  ::tlm::tlm_response_status write_beats(tlm::BeatFifo& queue, std::span<const unsigned char> bytes);
  ::tlm::tlm_response_status read_beats(std::span<unsigned char> bytes);
  void read_registers(std::uint64_t address, std::span<unsigned char> bytes) const;
  [[nodiscard]] std::uint32_t register_value(Register which) const;

  /// No observer has ended the run.
  [[nodiscard]] bool running() const { return clocked_.verdict() == kernel::Outcome::passed; }
  /// The model's own time: its cycles, and those at rest that were not simulated.
  [[nodiscard]] sc_core::sc_time model_time() const;
  /// Lets the design work until `now`, as it would have while the initiator did something else.
  void catch_up(const sc_core::sc_time& now);
  /// Runs until `ready()`; false where the design has come to rest before, or its observer has ended the run.
  template <class Ready>
  bool run_until(Ready ready);

  sc_core::sc_time period_;
  ClockedDut clocked_;
  std::array<Window, 4> windows_;
  std::uint64_t skipped_ = 0;  ///< cycles at rest that passed unsimulated
};

}  // namespace systole::bus
