// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/dut.h"

#include <fmt/format.h>

#include <string>

#include "base/input_error.h"

namespace systole::dut {

std::string_view to_string(TraceFormat format) {
  switch (format) {
    case TraceFormat::none:
      return "none";
    case TraceFormat::vcd:
      return "vcd";
    case TraceFormat::fst:
      return "fst";
  }
  return "?";
}

std::unique_ptr<Dut> make_dut(std::string_view configuration, TraceFormat trace) {
  const Build* found = nullptr;
  std::string names;
  for (const Build& build : builds()) {
    names += fmt::format(" {}/{}", build.configuration, to_string(build.trace));
    if (build.configuration != configuration) continue;
    if (build.trace == trace || (trace == TraceFormat::none && found == nullptr)) found = &build;
  }
  if (found != nullptr) return found->make();
  throw base::InputError(fmt::format("configuration {}", configuration), fmt::format("trace {}", to_string(trace)),
                         "no such model is built; there are" + names);
}

}  // namespace systole::dut
