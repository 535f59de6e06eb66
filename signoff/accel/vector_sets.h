// SPDX-License-Identifier: Apache-2.0
#pragma once
// The vectors that a sign-off leaves behind: few of its programs, as sets of memory images for other benches, that
// kill the same mutants and come by the same items of coverage.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace systole::signoff {

struct VectorSetsRequest {
  std::filesystem::path from;    ///< a signoff.json of accel
  std::filesystem::path output;  ///< folder, made anew at once; one that holds anything but such sets is refused
  int workers = 1;
  /// Of each step what is counted, and how many of them are done.
  std::function<void(const std::string& unit, std::size_t done, std::size_t total)> progress;
};

/// How many of how many.
struct Part {
  std::size_t reached = 0, of = 0;
};

struct VectorSets {
  Part programs;  ///< chosen
  Part kills;     ///< mutants that a set kills, of those that a program killed in the sign-off
  Part items;     ///< of coverage, of those that the sign-off came by
  std::size_t words = 0;
  std::vector<std::string> beyond;  ///< a line for each mutant and item that only programs reach which fit no set
  /// A line for each set that a simulator or a model does not pass, for each other mutant
  /// that no set kills, for each other item that none comes by. Where there are any, nothing is written.
  std::vector<std::string> problems;
};

/// Chooses (signoff/gates/minimal_cover.h), writes, reads back, plays on the RTL and its netlist and in Icarus Verilog,
/// and tries every mutant on what was read. Throws base::InputError where the sign-off is of another design or RTL, or
/// lacks evidence, or has part of it; and what base::replace_folder() throws.
[[nodiscard]] VectorSets write_vector_sets(const VectorSetsRequest& request);

}  // namespace systole::signoff
