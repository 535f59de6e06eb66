// SPDX-License-Identifier: Apache-2.0
#pragma once
// How well what a failure's folder names hits a fault whose place is known.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "debug/rtl_lines.h"
#include "debug/step_record.h"
#include "sim/check/mismatch.h"

namespace systole::test {

/// The accelerator as rtl/ has it, with the parameters of the models with faults.
debug::RtlDesign original_design();

/// Of a run's differences those of the first cycle that has any.
std::vector<check::Mismatch> first_of(std::vector<check::Mismatch> differences);

/// What the folder of a failure names: `rtl` is what ran, `structure` is read of it or, where a change of `rtl` is made
/// by Yosys alone, of what was changed.
std::vector<debug::RtlLine> named_lines(debug::Netlist& structure, const debug::RtlDesign& rtl, const dut::Dut& dut,
                                        const std::vector<check::Mismatch>& first, const debug::StepRecord& steps);

/// Where a fault is: modules, any of which is right, and lines rtl/<file>.
struct FaultPlace {
  std::vector<std::string> modules;
  struct Lines {
    std::string file;  ///< name without folder
    int first = 0, last = 0;
  };
  std::vector<Lines> lines;
};

/// Places in the lists, from 1, with those of equal weight before it; nothing where it is not in it.
struct Ranks {
  std::optional<std::size_t> module, line;
};
Ranks ranks_of(const std::vector<debug::RtlLine>& suspects, const FaultPlace& place);

/// Over many faults.
struct Hits {
  std::size_t faults = 0, with_line = 0;  ///< with_line: those of which a line is known
  std::size_t in_cone = 0;                ///< a line of the fault lies between the first difference and what was right
  std::size_t module_1 = 0, module_2 = 0, line_1 = 0, line_5 = 0;

  void add(const Ranks& ranks, bool has_line);
  [[nodiscard]] std::string text() const;
};

}  // namespace systole::test
