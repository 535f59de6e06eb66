// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: what docs/timing.md says of the control logic holds, for all inputs and for all time.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"

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

/// Of all files NAME.v of a folder, by name. Throws base::InputError with file and line for a line "// proof", "//
/// reach" or "// fault" that is none, for a level other than quick and full, for a property without a fault, and for a
/// file without a property.
[[nodiscard]] std::vector<Property> read_properties(const std::filesystem::path& folder);

struct PropertiesQuestion {
  std::filesystem::path rtl, properties;  ///< folders of *.v
  std::vector<std::string> modules;       ///< that must have a file of properties
  bool full = false;                      ///< those of level full too
  std::chrono::seconds limit{60};         ///< of one property, processor time
};

/// Proves each property, and then again with each of its faults, which must be seen. Findings: "properties MODULE
/// OUTPUT PARAMETERS wrong" with the inputs where it is, "... unreachable", "... open" where the limit was over, "...
/// unreadable" with what Yosys says, "... blind N" for a fault that is not seen, and "properties missing MODULE".
/// Throws base::InputError as read_properties and where yosys-abc is missing.
[[nodiscard]] Evidence prove_properties(const PropertiesQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
