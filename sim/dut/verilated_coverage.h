// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a model counts that was Verilated with --coverage.
#include <verilated.h>
#include <verilated_cov.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/temporary_folder.h"

namespace systole::dut {

/// The text of Verilator's own file of counts (coverage.dat).
inline std::string coverage_text(VerilatedContext& context) {
  const base::TemporaryFolder folder;
  const std::string file = (folder / "counts").string();
  context.coveragep()->write(file.c_str());
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace systole::dut
