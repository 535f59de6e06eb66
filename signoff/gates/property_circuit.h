// SPDX-License-Identifier: Apache-2.0
#pragma once
// A property of a module as a circuit with one output, which is asked of the design or of one with a fault.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "signoff/mutants/decide.h"
#include "signoff/mutants/mutant.h"

namespace systole::signoff {

/// A line "// fault MODULE: FROM => TO": the text FROM, which is once in MODULE.v, becomes TO.
struct TextFault {
  std::string module, from, to;
};

/// A line "// proof quick: TOP.OUTPUT Name=value ..." of a file of properties: that output of module TOP is never 1. Or
/// "// reach quick: ...": some inputs make it 1. The faults are the lines behind it: each of them turns the answer
/// round.
struct Property {
  std::string module;  ///< "ctrl" of ctrl.v
  std::string level;
  bool reach = false;
  std::string top, output;
  std::vector<std::string> parameters;
  std::vector<TextFault> faults;
};

/// A property, or the formula of a leaf, that a mutant breaks.
struct BrokenProperty {
  std::string name;    ///< "ctrl edges_wrong_o"
  std::string inputs;  ///< from reset on, as Decision::inputs
};

/// The design of a property: its own module and the RTL.
class PropertyCircuit {
 public:
  /// `rtl`, `properties`: folders of *.v. With the fault planted, where one is given.
  PropertyCircuit(const std::filesystem::path& rtl, const std::filesystem::path& properties, Property property,
                  const TextFault* fault = nullptr);

  /// Whether the output is ever 1 from reset on, with `mutate` (Mutant::options) where that is not empty; `limit`: of
  /// processor time. An answer unknown with a text: why, as Yosys or the fault says. Throws base::InputError where
  /// yosys-abc is missing.
  [[nodiscard]] Decision ask(const std::string& mutate, std::chrono::seconds limit) const;

  [[nodiscard]] const MutatedDesign& design() const { return design_; }

 private:
  base::TemporaryFolder folder_;
  Property property_;
  MutatedDesign design_;
  std::string problem_;  ///< why there is none
};

}  // namespace systole::signoff
