// SPDX-License-Identifier: Apache-2.0
#pragma once
// Icarus Verilog on the same RTL: a layer's memory images with their own bench, for comparison of speed.
#include <filesystem>
#include <optional>
#include <string>

#include "base/temporary_folder.h"
#include "vectors/readmemh/icarus.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::bench {

/// Why Icarus cannot be measured here: iverilog is not installed, or the RTL sources are not there or not those that
/// this program was built from. Empty where it can.
std::string icarus_absence();

/// A set in a folder of its own, which goes away with the object, and its bench under iverilog.
class IcarusTimer {
 public:
  /// Throws base::InputError where iverilog refuses or the folder cannot be written.
  explicit IcarusTimer(const vectors::MemorySet& set);

  /// Cycles per second of one run, start-up of the simulator included. Throws std::runtime_error where the bench does
  /// not print PASS.
  double run();

 private:
  [[nodiscard]] std::filesystem::path set_folder() const { return folder_ / "set"; }

  base::TemporaryFolder folder_;
  std::optional<vectors::IcarusBench> bench_;
};

}  // namespace systole::bench
