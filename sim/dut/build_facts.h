// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace systole::dut {

/// What is known of a model from the step that made it (cmake/verilate.cmake). No include: each change of RTL compiles
/// the file that holds one.
struct BuildFacts {
  const char* rtl_sha256 = "";  ///< over names and contents of the RTL sources and what they include, in hex
  int lint_warnings = 0;
  const char* included = "";  ///< by the sources; absolute, a newline after each
};

}  // namespace systole::dut
