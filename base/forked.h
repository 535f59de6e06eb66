// SPDX-License-Identifier: Apache-2.0
#pragma once
// Pieces of one work, each in a copy of this process: what a piece does to memory, or dies of, stays its own.
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace systole::base {

/// How a piece ended.
struct ForkedResult {
  bool ended = false;        ///< by itself, with an answer
  std::string answer;        ///< what the piece returned; whatever else it wrote is nobody's
  std::string problem = {};  ///< where it did not end: the signal, the exception or the time
};

/// Calls piece(0) .. piece(count - 1), each in a process of its own, `workers` at a time, and gives their results in
/// that order. One that takes longer than `limit` is killed. `on_ended(n)` is called with the number of those that have
/// ended. On a wish to end (base::interrupted) all are killed and base::Interrupted leaves. A piece never outlives this
/// process. Throws std::system_error where no process can be made.
std::vector<ForkedResult> run_forked(std::size_t count, int workers,
                                     const std::function<std::string(std::size_t)>& piece, std::chrono::seconds limit,
                                     const std::function<void(std::size_t)>& on_ended = {});

}  // namespace systole::base
