// SPDX-License-Identifier: Apache-2.0
#include "signoff/stimulus/play.h"

#include <fmt/format.h>

namespace systole::signoff {

Played play(dut::Dut& dut, const Program& program, const PlayOptions& how) {
  const session::Plan plan = session::make_plan(program.network, *session::design().lowering(dut));
  session::ImageWork work;
  session::ImageMaker(plan).make(program.input, work);
  session::StreamDriver driver(dut.pins().inputs.size());
  driver.load(plan, work);
  PlayOptions options = how;
  options.stall = how.stall.value_or(program.stall);
  options.stall_of_256 = how.stall_of_256.value_or(program.stall_of_256);
  return play(dut, plan, work, driver, program.name, options);
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
