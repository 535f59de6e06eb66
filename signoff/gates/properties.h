// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: what docs/timing.md says of the control logic holds, for all inputs and for all time.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/gates/property_circuit.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// Of all files NAME.v of a folder, by name. Throws base::InputError with file and line for a line "// proof", "//
/// reach" or "// fault" that is none, for a level other than quick and full, for a property without a fault, and for a
/// file without a property.
[[nodiscard]] std::vector<Property> read_properties(const std::filesystem::path& folder);

struct PropertiesQuestion {
  std::filesystem::path rtl, properties;  ///< folders of *.v
  std::vector<std::string> modules;       ///< that must have a file of properties
  bool full = false;                      ///< those of level full too
  std::chrono::seconds limit{60};         ///< of one property, processor time
  int workers = 1;
};

/// Proves each property, and then again with each of its faults, which must be seen. Findings: "properties MODULE
/// OUTPUT PARAMETERS wrong" with the inputs where it is, "... unreachable", "... open" where the limit was over, "...
/// unreadable" with what Yosys says, "... blind N" for a fault that is not seen, and "properties missing MODULE".
/// Throws base::InputError as read_properties and where yosys-abc is missing.
[[nodiscard]] Evidence prove_properties(const PropertiesQuestion& question, const GateProgress& progress = {});

/// The first of level quick about the mutant's module that holds in the design, for all inputs and all time, and that
/// some inputs from reset on break in the mutant. Nothing where there is none, where the limit is over, and where the
/// properties' module has other parameters than the mutant's. Throws as prove_properties.
[[nodiscard]] std::optional<BrokenProperty> broken_property(const PropertiesQuestion& question,
                                                            const MutatedDesign& design, const Mutant& mutant);

}  // namespace systole::signoff
