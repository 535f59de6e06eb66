// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <atomic>
#include <csignal>
#include <memory>

namespace systole::regress {

/// What a keeper says of its task, in memory that it shares with the runner.
struct Kept {
  std::atomic<pid_t> task = 0;        ///< 0: not started
  std::atomic<int> status = SIGKILL;  ///< as waitpid() has it; what it starts with holds for a keeper that was killed
};
struct Unmap {
  void operator()(Kept* kept) const;
};
using SharedKept = std::unique_ptr<Kept, Unmap>;
/// Throws std::system_error.
[[nodiscard]] SharedKept make_kept();

/// What a keeper waits for, blocked before it is forked so that it misses none: SIGTERM, by which the runner ends it
/// early, and the ends of its children.
[[nodiscard]] sigset_t keeper_signals();

/// In a child of the process `runner`, whose signals were `mask` before: runs a task and becomes the parent of all that
/// the task starts and leaves behind, whatever group or session that has gone to. It ends all of it when the task has
/// ended, on SIGTERM, and when the runner is gone, of whatever that died; then it exits. `words` are those of exec;
/// both outputs of the task go to the file `output`.
[[noreturn]] void keep_task(char* const* words, const char* output, pid_t runner, const sigset_t& mask, Kept& kept);

}  // namespace systole::regress
