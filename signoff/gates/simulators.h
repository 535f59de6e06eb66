// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: other simulators see what this project's models see. Each program is a set of memory images with a Verilog
// bench that needs no C++ (docs/vectors.md), which every simulator runs.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "accel/contract/command.h"
#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"
#include "signoff/stimulus/programs.h"

namespace systole::signoff {

struct Simulator {
  /// Runs a compiled bench: the first line that it prints.
  using Run = std::function<std::string(const std::vector<std::string>& arguments)>;
  std::string name;
  /// Compiles the bench of a set's folder. Throws base::InputError where it cannot.
  std::function<Run(const std::filesystem::path& set)> compile;
};

/// Icarus Verilog and Verilator with the RTL in `sources`, absolute.
[[nodiscard]] std::vector<Simulator> simulators(const std::vector<std::string>& sources);

/// Whether what a bench says is that it compared that many words, at least one, and found none wrong.
[[nodiscard]] bool all_compared(const std::string& said, std::size_t words);

/// Of programs with one layer, the first of each kind of layer.
[[nodiscard]] std::vector<Program> one_of_each_kind(const std::vector<Program>& programs);

struct SimulatorsQuestion {
  std::vector<Simulator> simulators;
  std::vector<Program> programs;  ///< of one layer each
  accel::Geometry geometry;
  int workers = 1;
};

/// Each simulator must say of each set, without stalls and with them, that it compared as many words as the set
/// expects, and in as many cycles as the others; and with one bit of one expected word flipped, which word is wrong.
/// Findings: "simulators NAME PROGRAM" with what it says, "... blind" for the flipped bit, "simulators differ PROGRAM".
[[nodiscard]] Evidence compare_simulators(const SimulatorsQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
