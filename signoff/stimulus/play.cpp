// SPDX-License-Identifier: Apache-2.0
#include "signoff/stimulus/play.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "accel/lower/encoding.h"
#include "accel/lower/layer_commands.h"

namespace systole::signoff {
namespace {

void set_reserved_bits(session::Plan& plan) {
  const auto reserved = lower::reserved_header_bits();
  for (auto& layer : plan.layers) {
    lower::LayerCommands& lowered = lower::commands_of(*layer.lowered);
    std::vector<accel::Command> commands = lowered.list();
    for (accel::Command& command : commands) {
      for (std::size_t word = 0; word < reserved.size(); ++word) command.cfg[0][word] |= reserved[word];
    }
    lowered.replace(std::move(commands));
  }
}

}  // namespace

void add_cycles(Played& played, const dut::Dut& dut, const session::Monitor& monitor, double macs_per_cycle) {
  const std::vector<port::Counter>& names = dut.pins().counters;
  for (const session::LayerTotals& layer : monitor.totals()) {
    if (macs_per_cycle > 0) played.ideal_cycles += static_cast<double>(layer.macs) / macs_per_cycle;
    for (std::size_t i = 0; i < played.counters.size(); ++i) {
      const auto counter = std::ranges::find(names, session::kShareCounters[i], &port::Counter::name);
      if (counter == names.end()) continue;
      played.counters[i] += static_cast<double>(layer.counters.at(static_cast<std::size_t>(counter - names.begin())));
    }
  }
}

Played play(dut::Dut& dut, const Program& program, const PlayOptions& how) {
  session::Plan plan = session::make_plan(program.network, *session::design().lowering(dut));
  if (program.reserved_ones) set_reserved_bits(plan);
  session::ImageWork work;
  session::ImageMaker(plan).make(program.input, work);
  PlayOptions options = how;
  options.stall = how.stall.value_or(program.stall);
  options.stall_of_256 = how.stall_of_256.value_or(program.stall_of_256);
  const auto start = [&](const PlayOptions& with) {
    session::StreamDriver driver(dut.pins().inputs.size());
    driver.load(plan, work);
    return play(dut, plan, work, driver, program.name, with);
  };
  if (program.reset_after > 0) {
    PlayOptions part = options;
    part.max_cycles = program.reset_after;
    part.record = {};
    (void)start(part);
  }
  return start(options);
}

bool passed(const Played& played) {
  return played.outcome == kernel::Outcome::passed && played.mismatches.empty() && played.compared > 0 &&
         played.compared == played.expected_compared;
}

std::string problem_of(const Played& played) {
  if (played.mismatches.empty()) return std::string(to_string(played.outcome));
  const check::Mismatch& first = played.mismatches.front();
  return fmt::format("{} in cycle {}: {}, golden {}", first.signal, first.cycle, first.rtl, first.golden);
}

}  // namespace systole::signoff
