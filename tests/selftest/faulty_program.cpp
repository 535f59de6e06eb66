// SPDX-License-Identifier: Apache-2.0
// The models of `systole_faulty`: the command line of `systole` over the copy of the RTL that carries the planted
// faults. The variable SYSTOLE_FAULT names the active one by its line among those of faults.tsv, 1 ..; 0 or unset:
// none.
#include <cstdlib>

#include "sim/dut/dut.h"
#include "sim/dut/rtl_hash.h"
#include "tests/selftest/faults_run.h"

namespace systole::dut {

std::span<const Build> builds() {
  static const Build list[] = {{"4x4", TraceFormat::vcd, [] {
                                  const char* fault = std::getenv("SYSTOLE_FAULT");
                                  return test::make_faulty_dut(fault == nullptr ? 0 : std::atoi(fault));
                                }}};
  return list;
}

std::string_view rtl_hash() { return "planted faults"; }

}  // namespace systole::dut
