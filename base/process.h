// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace systole::base {

struct ProcessOptions {
  std::filesystem::path folder = {};       ///< where it runs; empty: where this process does
  std::function<void(int)> on_start = {};  ///< called with the number of the process
  bool errors_too = false;                 ///< its standard error is part of the output; otherwise nobody sees it
};

/// Runs a program, found as a shell finds it, without a shell and with nothing on its standard input. Its output goes
/// to `on_output` piece by piece as it comes. Whether it ended with exit code 0. Throws std::system_error where no
/// process can be made.
bool run_process(const std::vector<std::string>& command, const ProcessOptions& options,
                 const std::function<void(const std::string&)>& on_output);

struct ProcessResult {
  bool succeeded = false;
  std::string output;
};
ProcessResult run_process(const std::vector<std::string>& command, const ProcessOptions& options = {});

}  // namespace systole::base
