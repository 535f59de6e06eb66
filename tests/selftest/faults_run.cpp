// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/faults_run.h"

#include <Vaccel_faulty.h>
#include <Vaccel_faulty___024root.h>

#include <algorithm>

#include "accel/dut/binding.h"
#include "accel/dut/geometry.h"
#include "accel/lower/layer_commands.h"
#include "base/input_error.h"
#include "sim/dut/verilated_dut.h"

namespace systole::test {
namespace {

/// Driver of the run loop: the image's streams, each beat spoilt by RunPlan::send.
class SpoiltDriver {
 public:
  SpoiltDriver(const dut::Dut& dut, const session::Plan& plan, const session::ImageWork& work, const RunPlan& how)
      : streams_(dut.pins().inputs.size()), how_(how) {
    streams_.load(plan, work);
  }
  [[nodiscard]] const std::uint32_t* front(std::size_t stream) const {
    const std::uint32_t* beat = streams_.front(stream);
    if (beat == nullptr || !how_.send) return beat;
    return how_.send(static_cast<accel::In>(stream), streams_.queue(stream).taken(), beat);
  }
  void pop(std::size_t stream) { streams_.pop(stream); }

 private:
  session::StreamDriver streams_;
  const RunPlan& how_;
};

using Model = dut::VerilatedDut<Vaccel_faulty, accel::Binding<Vaccel_faulty, accel::FromRtl<Vaccel_faulty___024root>>,
                                dut::VcdTrace>;

class FaultyDut final : public Model {
 public:
  explicit FaultyDut(int fault) {
    *static_cast<IData*>(dut::find_variable(context(), "TOP.accel_fault_pkg", "active").data) =
        static_cast<IData>(fault);
    parameters_.assign(Model::parameters().begin(), Model::parameters().end());
  }
  [[nodiscard]] std::span<const dut::Parameter> parameters() const override { return parameters_; }
  [[nodiscard]] std::vector<dut::Parameter>& stated() { return parameters_; }

 private:
  std::vector<dut::Parameter> parameters_;
};

}  // namespace

int fault_number(const std::string& name) {
  if (name.empty()) return 0;
  int number = 0;
  for (const std::vector<Fault>* faults : {&planted_faults(), &planted_survivors()}) {
    for (const Fault& fault : *faults) {
      ++number;
      if (fault.name != name) continue;
      if (!fault.problem.empty()) throw base::InputError("fault", name, "could not be planted: " + fault.problem);
      return number;
    }
  }
  throw base::InputError("fault", name, "unknown; systole_faulty list-faults prints the names");
}

std::unique_ptr<dut::Dut> make_faulty_dut(const std::string& fault) {
  return std::make_unique<FaultyDut>(fault_number(fault));
}

signoff::Played run_program(const Program& program, const RunPlan& how) {
  FaultyDut dut(fault_number(how.fault));
  if (how.parameters) how.parameters(dut.stated());
  return run_program_on(dut, program, how);
}

signoff::Played run_program_on(dut::Dut& dut, const Program& program, const RunPlan& how) {
  session::Plan plan = session::make_plan(program.network, *session::design().lowering(dut));
  session::ImageWork work;
  session::ImageMaker(plan).make(program.input, work);
  if (how.commands) {
    lower::LayerCommands& lowered = lower::commands_of(*plan.layers[0].lowered);
    std::vector<accel::Command> commands = lowered.list();
    how.commands(commands);
    lowered.replace(std::move(commands));
  }
  if (how.plan) how.plan(plan);
  if (how.work) how.work(work, lower::beats_of(*work.layers[0]));

  SpoiltDriver driver(dut, plan, work, how);
  return signoff::play(dut, plan, work, driver, program.name,
                       {.check = how.check,
                        .stall = how.stall,
                        .stall_of_256 = how.stall_of_256,
                        .after_failure = how.after_failure,
                        .record = how.record});
}

}  // namespace systole::test
