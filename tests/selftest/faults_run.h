// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs a program on the copy of the accelerator that carries the planted faults, with one of them active.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/dut/dut.h"
#include "sim/kernel/run_loop.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"
#include "tests/selftest/fault.h"
#include "tests/selftest/faults_programs.h"

namespace systole::test {

/// The copy, with the fault of that name active in it for ever; "": none. Throws base::InputError (fault_number).
std::unique_ptr<dut::Dut> make_faulty_dut(const std::string& fault);

/// What a run is told, and how to spoil it; members that are left out do nothing.
struct RunPlan {
  std::string fault;  ///< name; empty: none
  session::CheckLevel check = session::CheckLevel::pe;
  kernel::Stall stall = kernel::Stall::both;
  unsigned stall_of_256 = kernel::StallPattern::kDefaultProbability;
  std::function<void(accel::Geometry&)> geometry;  ///< what the C++ side takes the built size to be
  std::function<void(session::Plan&)> plan;
  std::function<void(session::ImageWork&)> work;
  /// The beat that is sent in place of `beat`, number `index` of the stream; null withholds it for ever.
  std::function<const std::uint32_t*(kernel::Stream, std::uint64_t index, const std::uint32_t* beat)> send;
};

struct RunResult {
  kernel::Outcome outcome = kernel::Outcome::passed;
  std::uint64_t cycles = 0, compared = 0, expected_compared = 0;
  std::vector<check::Mismatch> mismatches;
};

RunResult run_program(const Program& program, const RunPlan& how);

}  // namespace systole::test
