// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bench of a set of memory images in a simulator with four states.
#include <filesystem>
#include <string>
#include <vector>

namespace systole::vectors {

/// Compiled by Icarus Verilog in the folder of the set; the compiled file goes away with the object.
class IcarusBench {
 public:
  /// `sources`: the RTL. Throws base::InputError where iverilog is not installed or does not take them.
  IcarusBench(std::filesystem::path set, const std::vector<std::string>& sources);
  ~IcarusBench();
  IcarusBench(const IcarusBench&) = delete;
  IcarusBench& operator=(const IcarusBench&) = delete;
  IcarusBench(IcarusBench&&) = delete;
  IcarusBench& operator=(IcarusBench&&) = delete;

  /// The first line that the bench prints: "PASS ..." or "FAIL ...". `arguments`: "+stall=both".
  [[nodiscard]] std::string run(const std::vector<std::string>& arguments = {}) const;

 private:
  std::filesystem::path set_;
};

}  // namespace systole::vectors
