// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/dut.h"

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

}  // namespace systole::dut
