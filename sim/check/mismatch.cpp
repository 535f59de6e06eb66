// SPDX-License-Identifier: Apache-2.0
#include "sim/check/mismatch.h"

#include <fmt/format.h>

namespace systole::check {

std::string_view to_string(Checker checker) {
  switch (checker) {
    case Checker::pins:
      return "pins";
    case Checker::registers:
      return "registers";
    case Checker::outputs:
      return "outputs";
    case Checker::tensor:
      return "tensor";
  }
  return "?";
}

std::string failure_lines(const Mismatch& m, const FailureContext& context) {
  const std::string place = m.coordinate.empty() ? "" : "  " + m.coordinate;
  const std::string also = context.also.empty() ? "" : fmt::format("  also differ: {}\n", context.also);
  return fmt::format("{}  {}  cycle {}{}  rtl {}  golden {}  seed {}\n{}  re-run: {}", context.test, m.signal, m.cycle,
                     place, m.rtl, m.golden, context.seed, also, context.rerun);
}

}  // namespace systole::check
