// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/faults_run.h"

#include <Vaccel_faulty.h>
#include <Vaccel_faulty__Dpi.h>
#include <Vaccel_faulty___024root.h>

#include "accel/dut/verilated_dut.h"

namespace {
int active_fault = 0;  // NOLINT(*-avoid-non-const-global-variables): the RTL reads it through a C function
}

int accel_fault() { return active_fault; }

namespace systole::test {
namespace {

constexpr std::uint64_t kSeed = 9;
constexpr std::uint64_t kMaxCycles = 20000;  ///< several times the longest program

/// Driver of the run loop: the image's streams, each beat spoilt by RunPlan::send.
class SpoiltDriver {
 public:
  SpoiltDriver(const session::Plan& plan, const session::ImageWork& work, const RunPlan& how) : how_(how) {
    streams_.load(plan, work);
  }
  [[nodiscard]] const std::uint32_t* front(kernel::Stream stream) const {
    const std::uint32_t* beat = streams_.front(stream);
    if (beat == nullptr || !how_.send) return beat;
    return how_.send(stream, streams_.queue(stream).taken(), beat);
  }
  void pop(kernel::Stream stream) { streams_.pop(stream); }

 private:
  session::StreamDriver streams_;
  const RunPlan& how_;
};

}  // namespace

std::unique_ptr<dut::Dut> make_faulty_dut(int fault) {
  active_fault = fault;
  return std::make_unique<dut::VerilatedDut<Vaccel_faulty, Vaccel_faulty___024root, dut::VcdTrace>>();
}

RunResult run_program(const Program& program, const RunPlan& how) {
  const std::unique_ptr<dut::Dut> dut = make_faulty_dut(how.fault);
  accel::Geometry geometry = dut->geometry();
  if (how.geometry) how.geometry(geometry);
  session::Plan plan = session::make_plan(program.network, geometry);
  session::ImageWork work;
  session::ImageMaker(plan).make(program.input, work);
  if (how.plan) how.plan(plan);
  if (how.work) how.work(work);

  kernel::RunLoop loop(*dut);
  session::Monitor monitor(*dut, plan, how.check, loop.watchdog());
  SpoiltDriver driver(plan, work, how);
  kernel::NoTraceSink trace;
  kernel::StallPattern stalls(how.stall, kSeed, program.name, how.stall_of_256);
  loop.reset(kSeed);
  monitor.begin(work);
  RunResult result;
  result.outcome = loop.run(driver, monitor, trace, stalls, kMaxCycles);
  result.cycles = loop.cycle();
  result.compared = monitor.compared();
  result.expected_compared = monitor.expected_compared(result.cycles);
  result.mismatches = monitor.mismatches();
  return result;
}

}  // namespace systole::test
