// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace systole::dut {

/// What is known of a model from the step that made it (cmake/verilate.cmake). No include: each change of RTL compiles
/// the file that holds one.
struct BuildFacts {
  const char* rtl_sha256 = "";  ///< over names and contents of the RTL sources, in hex
  int lint_warnings = 0;
};

}  // namespace systole::dut
