// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "regress/runner.h"

namespace systole::regress {

/// Runs tasks as processes of this machine, `workers` at a time, each below a keeper of its own (regress/keeper.h): a
/// task ends with all that it started, and however this process ends, SIGKILL included, so do its tasks. Only where a
/// keeper is killed as well, what its task started in other groups goes on. A task's limits are looked at twenty times
/// a second.
class LocalRunner : public Runner {
 public:
  explicit LocalRunner(int workers) : workers_(workers) {}
  void run(const TaskFlow& flow, const Limits& limits) override;

 private:
  int workers_;
};

}  // namespace systole::regress
