// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where jobs are run: the interface of the local runner and of others.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "regress/plan.h"
#include "regress/result.h"

namespace systole::regress {

/// One process to run.
struct Task {
  std::size_t number = 0;            ///< whose it is, for whoever asked for it
  std::vector<std::string> command;  ///< program and arguments
  std::filesystem::path folder;      ///< new and empty when it starts; both its outputs go to output.txt there
  double expected = 0;               ///< seconds, by earlier runs; 0: nobody knows
};

/// What a runner asks and says. All calls come from the thread that called run().
struct TaskFlow {
  /// The next task to start, nothing where there is none now; asked again whenever one has ended.
  std::function<std::optional<Task>()> next;
  /// The task has ended, and so has all that it started.
  std::function<void(const Task&, const Ending&)> ended;
  /// Whether none shall start any more, of those either that next() gave: for runners that take tasks before they can
  /// start. What has not started by then gets no word.
  std::function<bool()> enough = [] { return false; };
};

class Runner {
 public:
  Runner() = default;
  virtual ~Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  Runner(Runner&&) = delete;
  Runner& operator=(Runner&&) = delete;

  /// Runs tasks until there is none left and all have ended. After a wish to end (base::interrupted) it starts none,
  /// ends those that run without a word to `ended`, and returns. Throws base::InputError where a task's folder cannot
  /// be made, and std::system_error where no process can be.
  virtual void run(const TaskFlow& flow, const Limits& limits) = 0;
};

}  // namespace systole::regress
