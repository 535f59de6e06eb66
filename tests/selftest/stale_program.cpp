// SPDX-License-Identifier: Apache-2.0
// The model of `systole_stale`: that of `systole`, said to be made from RTL that is not there any more.
#include "sim/dut/registry.h"

namespace systole::dut {

std::unique_ptr<Dut> make_dut_8x8_edit();

std::span<const Build> builds() {
  static const Build list[] = {
      {"8x8", "edit", TraceFormat::fst, make_dut_8x8_edit, {.rtl_sha256 = "0", .lint_warnings = 3}}};
  return list;
}

const BuildPlace& build_place() {
  static constexpr BuildPlace place{SYSTOLE_SOURCE_FOLDER, SYSTOLE_BUILD_FOLDER, "cmake",
                                    SYSTOLE_SOURCE_FOLDER "/rtl/accel.v\n"};
  return place;
}

}  // namespace systole::dut
