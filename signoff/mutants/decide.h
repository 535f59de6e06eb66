// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether an output of a circuit of gates can ever be 1: yosys-abc, which comes with Yosys, decides.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace systole::signoff {

enum class Answer : std::uint8_t {
  never,      ///< proved for all inputs, for ever
  sometimes,  ///< there are inputs that make it 1
  unknown,    ///< not within the limit
};

struct Decision {
  Answer answer = Answer::unknown;
  std::string inputs;  ///< where it is 1 sometimes, one line: "cycle 0: a_i=0x5 b_i=0x0; cycle 1: ..."
};

/// The circuit is the file `circuit` (AIGER with names) of `folder`, which other files may be written to. `limit`: of
/// processor time, of each way to decide it. Throws base::InputError where yosys-abc is missing or the file is no
/// AIGER.
[[nodiscard]] Decision decide(const std::filesystem::path& folder, const std::string& circuit,
                              std::chrono::seconds limit);

/// Throws base::InputError where yosys-abc is missing.
void require_abc();

/// In RTLIL text of a flat module after kRegisterMap (cut.h): all cells systole_clock have one input of the module, so
/// that a step of all registers is one step of the circuit.
[[nodiscard]] bool has_one_clock(const std::string& netlist);

}  // namespace systole::signoff
