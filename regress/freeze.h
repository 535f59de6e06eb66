// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs and RTL as they were when a run began: an edit or a build meanwhile changes nothing in it.
#include <filesystem>
#include <string>
#include <vector>

namespace systole::regress {

/// A program that jobs need, and what its model was made from.
struct Freezable {
  std::filesystem::path program;
  std::filesystem::path as;                    ///< its place in the frozen folder: "systole", "dut/systole-4x4-edit"
  std::vector<std::filesystem::path> sources;  ///< absolute
};

/// Copies program and sources below `folder` and gives the copy's path. What is there already stays. Throws
/// base::InputError, also where another program has that place.
std::filesystem::path freeze(const Freezable& one, const std::filesystem::path& folder);

}  // namespace systole::regress
