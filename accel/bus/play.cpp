// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/play.h"

#include <chrono>
#include <systemc>

#include "accel/bus/accel_initiator.h"
#include "accel/bus/accel_target.h"
#include "sim/tlm/simulation.h"

namespace systole::bus {
namespace {

using kernel::Outcome;

void attach(ClockedDut& clocked, const PlaySettings& settings) {
  clocked.observe(settings.observer);
  clocked.trace(settings.trace);
  clocked.stall(settings.stalls);
}

/// Empty, or the transaction that a design at rest left waiting.
std::string unanswered(const AccelInitiator& initiator) {
  try {
    initiator.rethrow_failure();
    return {};
  } catch (const TransactionError& error) {
    if (error.response() != ::tlm::TLM_GENERIC_ERROR_RESPONSE) throw;
    return error.what();
  }
}

Outcome judge(const ClockedDut& clocked, bool all_answered) {
  if (clocked.verdict() != Outcome::passed) return clocked.verdict();
  if (!all_answered) return Outcome::timeout;
  if (!clocked.out.empty() || *clocked.design().pins().output.valid != 0) return Outcome::unexpected_output;
  return clocked.at_rest() ? Outcome::passed : Outcome::input_left;
}

}  // namespace

PlayResult play(dut::Dut& design, std::span<const accel::Job> jobs, const PlaySettings& settings) {
  const tlm::Simulation simulation;
  AccelTarget target("target", design, {.depths = settings.depths, .seed = settings.seed});
  AccelInitiator initiator("initiator", jobs, settings.traffic);
  initiator.socket.bind(target.socket);
  ClockedDut& clocked = target.clocked();
  attach(clocked, settings);
  const auto start = std::chrono::steady_clock::now();
  sc_core::sc_start();

  PlayResult result;
  result.simulated_ns = sc_core::sc_time_stamp().to_seconds() * 1e9;
  result.detail = unanswered(initiator);
  if (result.detail.empty()) {
    for (std::uint64_t cycle = 0; cycle < settings.silent_cycles; ++cycle) clocked.cycle();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.outcome = judge(clocked, result.detail.empty());
  if (result.outcome != Outcome::timeout) result.detail.clear();
  result.outputs = initiator.outputs();
  result.cycles = clocked.cycles();
  result.syncs = initiator.syncs();
  return result;
}

}  // namespace systole::bus
