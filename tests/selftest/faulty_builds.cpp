// SPDX-License-Identifier: Apache-2.0
// The one model of the programs with planted faults. The variable SYSTOLE_FAULT names the active one; unset or empty:
// none.
#include <cstdlib>

#include "sim/dut/registry.h"
#include "tests/selftest/faults_run.h"

namespace systole::dut {
namespace {

/// The faults change with SYSTOLE_FAULT, not with a source that has a hash.
constexpr const char* kNobodysHash = "0000000000000000000000000000000000000000000000000000000000000000";

}  // namespace

std::span<const Build> builds() {
  static const Build list[] = {{"4x4",
                                "vcd",
                                TraceFormat::vcd,
                                [] {
                                  const char* fault = std::getenv("SYSTOLE_FAULT");
                                  return test::make_faulty_dut(fault == nullptr ? "" : fault);
                                },
                                {.rtl_sha256 = kNobodysHash}}};
  return list;
}

const BuildPlace& build_place() {
  static constexpr BuildPlace nowhere;  // what it was built from is no RTL of a user
  return nowhere;
}

}  // namespace systole::dut
