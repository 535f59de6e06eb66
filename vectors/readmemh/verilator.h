// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bench of a set of memory images in Verilator, as a program of its own.
#include <filesystem>
#include <string>
#include <vector>

namespace systole::vectors {

/// Compiled by `verilator --binary` in the folder of the set; the compiled files go away with the object.
class VerilatorBench {
 public:
  /// `sources`: the RTL. Throws base::InputError where verilator is not installed or does not take them.
  VerilatorBench(std::filesystem::path set, const std::vector<std::string>& sources);
  ~VerilatorBench();
  VerilatorBench(const VerilatorBench&) = delete;
  VerilatorBench& operator=(const VerilatorBench&) = delete;
  VerilatorBench(VerilatorBench&&) = delete;
  VerilatorBench& operator=(VerilatorBench&&) = delete;

  /// The first line that the bench prints: "PASS ..." or "FAIL ...". `arguments`: "+stall=both".
  [[nodiscard]] std::string run(const std::vector<std::string>& arguments = {}) const;

 private:
  std::filesystem::path set_;
};

}  // namespace systole::vectors
