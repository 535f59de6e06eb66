// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "regress/runner.h"

namespace systole::regress {

/// Runs tasks as processes of this machine, `workers` at a time, each the leader of a process group that ends with it.
/// However this process ends, SIGKILL included, so do its tasks, with what they started in their groups: a second
/// process waits for the end of this one. A task's limits are looked at twenty times a second.
class LocalRunner : public Runner {
 public:
  explicit LocalRunner(int workers) : workers_(workers) {}
  void run(const TaskFlow& flow, const Limits& limits) override;

 private:
  int workers_;
};

}  // namespace systole::regress
