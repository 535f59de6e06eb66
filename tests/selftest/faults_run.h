// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs a program on the copy of the accelerator that carries the planted faults, with one of them active.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accel/contract/pins.h"
#include "accel/lower/layer_commands.h"
#include "signoff/stimulus/play.h"
#include "sim/dut/dut.h"
#include "sim/kernel/run_loop.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"
#include "tests/selftest/fault.h"

namespace systole::test {

using signoff::Program;

/// The copy, with the fault of that name active in it for ever; "": none. Throws base::InputError (fault_number).
std::unique_ptr<dut::Dut> make_faulty_dut(const std::string& fault);

/// What a run is told, and how to spoil it; members that are left out do nothing.
struct RunPlan {
  std::string fault;  ///< name; empty: none
  check::CheckLevel check = check::CheckLevel::pe;
  kernel::Stall stall = kernel::Stall::both;
  unsigned stall_of_256 = kernel::StallPattern::kDefaultProbability;
  std::uint64_t after_failure = 0;                               ///< PlayOptions
  std::function<void(std::vector<dut::Parameter>&)> parameters;  ///< what the model states of its built size
  std::function<void(std::vector<accel::Command>&)> commands;    ///< of the one layer
  std::function<void(session::Plan&)> plan;
  std::function<void(session::ImageWork&, lower::LayerBeats&)> work;  ///< and the one layer's beats
  /// The beat that is sent in place of `beat`, number `index` of the stream; null withholds it for ever.
  std::function<const std::uint32_t*(accel::In, std::uint64_t index, const std::uint32_t* beat)> send;
  std::function<std::unique_ptr<kernel::TraceSink>(const dut::Dut&, const session::Monitor&)> record;  ///< PlayOptions
};

signoff::Played run_program(const Program& program, const RunPlan& how);

/// The same on a model of any other origin; RunPlan::fault and RunPlan::parameters do nothing.
signoff::Played run_program_on(dut::Dut& dut, const Program& program, const RunPlan& how);

}  // namespace systole::test
