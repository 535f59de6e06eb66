// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/run.h"

#include <stdexcept>
#include <utility>

#include "accel/bus/play.h"
#include "sim/check/output_checker.h"
#include "sim/check/pin_checker.h"

namespace systole::bus {
namespace {

/// Compares every lane of every out beat; the mismatches of the first beat that has any.
std::vector<check::Mismatch> compare_outputs(std::span<const accel::Job> jobs, const RunResult& result,
                                             check::OutputChecker& checker) {
  std::vector<std::int32_t> lanes;
  std::uint64_t beat_of_run = 0;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    const accel::Command& command = *jobs[j].command;
    const auto cols = static_cast<std::size_t>(command.geometry.cols);
    lanes.resize(cols);
    for (std::size_t beat = 0; beat < command.out_beats(); ++beat, ++beat_of_run) {
      port::unpack_lanes(result.outputs[j][beat], command.geometry.cols, command.geometry.psum_width, lanes.data());
      const std::span golden(jobs[j].expected + beat * cols, cols);
      if (!checker.equal(beat_of_run, lanes, golden)) {
        return checker.differences(beat_of_run, result.cycles, lanes, golden);
      }
    }
  }
  return {};
}

kernel::Outcome judge(const RunResult& result, kernel::Outcome played) {
  using kernel::Outcome;
  if (!result.mismatches.empty()) return Outcome::mismatch;
  return result.compared == 0 ? Outcome::nothing_compared : played;
}

}  // namespace

RunResult run(dut::Dut& design, std::span<const accel::Job> jobs, const RunSettings& settings) {
  GoldenMonitor monitor(design, settings.check);
  monitor.plant(settings.fault);
  for (const accel::Job& job : jobs) monitor.expect(job);
  PlayResult played = play(design, jobs,
                           {.traffic = settings.traffic,
                            .depths = settings.depths,
                            .seed = settings.seed,
                            .observer = settings.check == check::CheckLevel::none ? nullptr : &monitor});
  if (played.outcome == kernel::Outcome::timeout) throw std::runtime_error(played.detail);

  RunResult result;
  result.outputs = std::move(played.outputs);
  result.cycles = played.cycles;
  result.simulated_ns = played.simulated_ns;
  result.seconds = played.seconds;
  result.syncs = played.syncs;
  result.mismatches = monitor.mismatches();
  check::OutputChecker outputs;
  const auto differing = compare_outputs(jobs, result, outputs);
  if (result.mismatches.empty()) result.mismatches = differing;
  result.compared = monitor.compared() + outputs.compared();
  result.outcome = judge(result, played.outcome);
  return result;
}

}  // namespace systole::bus
