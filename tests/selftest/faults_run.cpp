// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/faults_run.h"

#include <Vaccel_faulty.h>
#include <Vaccel_faulty___024root.h>

#include <algorithm>

#include "accel/dut/verilated_dut.h"
#include "base/input_error.h"

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

using Model = dut::VerilatedDut<Vaccel_faulty, Vaccel_faulty___024root, dut::VcdTrace>;

class FaultyDut final : public Model {
 public:
  explicit FaultyDut(int fault) {
    *static_cast<IData*>(dut::find_variable(context(), "TOP.accel_fault_pkg", "active").datap()) =
        static_cast<IData>(fault);
  }
};

}  // namespace

int fault_number(const std::string& name) {
  if (name.empty()) return 0;
  const std::vector<Fault>& faults = planted_faults();
  const auto found = std::find_if(faults.begin(), faults.end(), [&](const Fault& fault) { return fault.name == name; });
  if (found == faults.end())
    throw base::InputError("fault", name, "unknown; systole_faulty list-faults prints the names");
  if (!found->problem.empty()) throw base::InputError("fault", name, "could not be planted: " + found->problem);
  return static_cast<int>(found - faults.begin()) + 1;
}

std::unique_ptr<dut::Dut> make_faulty_dut(const std::string& fault) {
  return std::make_unique<FaultyDut>(fault_number(fault));
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
