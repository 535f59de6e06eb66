#include "sim/tlm/run.h"

#include <chrono>
#include <systemc>

#include "sim/check/output_checker.h"
#include "sim/check/pin_checker.h"
#include "sim/tlm/accel_initiator.h"
#include "sim/tlm/accel_target.h"
#include "sim/tlm/simulation.h"

namespace systole::tlm {
namespace {

/// Compares every lane of every out beat; the mismatches of the first beat that has any.
std::vector<check::Mismatch> compare_outputs(std::span<const Job> jobs, const RunResult& result,
                                             check::OutputChecker& checker) {
  std::vector<std::int32_t> lanes;
  std::uint64_t beat_of_run = 0;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    const vectors::Command& command = *jobs[j].command;
    const auto cols = static_cast<std::size_t>(command.geometry.cols);
    lanes.resize(cols);
    for (std::size_t beat = 0; beat < command.out_beats(); ++beat, ++beat_of_run) {
      check::unpack_lanes(result.outputs[j][beat], command.geometry.cols, command.geometry.psum_width, lanes.data());
      const std::span golden(jobs[j].stimulus->expected.data() + beat * cols, cols);
      if (!checker.equal(beat_of_run, lanes, golden)) {
        return checker.differences(beat_of_run, result.cycles, lanes, golden);
      }
    }
  }
  return {};
}

kernel::Outcome judge(const RunResult& result, const ClockedDut& clocked) {
  using kernel::Outcome;
  if (!result.mismatches.empty()) return Outcome::mismatch;
  if (result.compared == 0) return Outcome::nothing_compared;
  if (!clocked.out.empty() || *clocked.design().ports().out_valid != 0) return Outcome::unexpected_output;
  return clocked.at_rest() ? Outcome::passed : Outcome::unfinished;
}

}  // namespace

RunResult run(dut::Dut& design, std::span<const Job> jobs, const RunSettings& settings) {
  const Simulation simulation;
  GoldenMonitor monitor(design, settings.check);
  monitor.plant(settings.fault);
  for (const Job& job : jobs) monitor.expect(vectors::view(*job.command, *job.stimulus));

  AccelTarget target("target", design, {.depths = settings.depths, .seed = settings.seed});
  AccelInitiator initiator("initiator", jobs, settings.traffic);
  initiator.socket.bind(target.socket);
  if (settings.check != CheckLevel::none) target.observe(&monitor);
  const auto start = std::chrono::steady_clock::now();
  sc_core::sc_start();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  initiator.rethrow_failure();

  RunResult result;
  result.outputs = initiator.outputs();
  result.cycles = target.clocked().cycles();
  result.simulated_ns = sc_core::sc_time_stamp().to_seconds() * 1e9;
  result.seconds = seconds;
  result.syncs = initiator.syncs();
  result.mismatches = monitor.mismatches();
  check::OutputChecker outputs;
  const auto differing = compare_outputs(jobs, result, outputs);
  if (result.mismatches.empty()) result.mismatches = differing;
  result.compared = monitor.compared() + outputs.compared();
  result.outcome = judge(result, target.clocked());
  return result;
}

}  // namespace systole::tlm
