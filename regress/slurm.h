// SPDX-License-Identifier: Apache-2.0
#pragma once
// The programs of Slurm that a regression calls: sbatch, squeue, scancel, scontrol and sinfo. Nothing asks accounting
// (sacct), which many clusters lack.
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regress/plan.h"

namespace systole::regress {

struct SlurmOptions {
  std::string partition, account, qos;  ///< empty: what the cluster gives
  std::vector<std::string> words;       ///< more of sbatch
  int cpus = 1;                         ///< of an array task, which runs so many jobs at a time
  int throttle = 0;                     ///< array tasks of one array at a time; 0: as many as the cluster gives
  std::chrono::seconds task{60};        ///< what an array task takes at least, where there is enough to do
  std::chrono::seconds poll{5};         ///< between two looks at folder and queue
  std::chrono::seconds late{60};        ///< until then a file of another node may not be seen (NFS: acdirmax)
};

/// Throws base::InputError where sbatch is missing, no cluster answers, or it would not take an array as the options
/// ask for it.
void require_slurm(const SlurmOptions& options, const Limits& limits);

struct ArrayLimits {
  std::size_t tasks = 1000;    ///< of one array (MaxArraySize)
  std::size_t queued = 10000;  ///< of all users (MaxJobCount)
};
/// Those of the cluster; the defaults of Slurm where it does not say.
[[nodiscard]] ArrayLimits array_limits();

struct ArrayRequest {
  std::string name;
  std::size_t tasks = 0;
  long minutes = 0;              ///< of one array task
  std::filesystem::path script;  ///< run by each, which knows itself by SLURM_ARRAY_TASK_ID
};
/// Sends an array and gives its id. Throws base::InputError with what sbatch said.
std::string submit_array(const ArrayRequest& request, const SlurmOptions& options, const Limits& limits);

/// What the queue says of one array task.
struct QueueEntry {
  std::string array;   ///< its id
  std::string state;   ///< "PENDING", "RUNNING", "NODE_FAIL", ...
  std::string reason;  ///< why it waits or how it ended
  [[nodiscard]] bool alive() const;
};
/// By name of the array and place in it.
using Queue = std::map<std::pair<std::string, std::size_t>, QueueEntry>;
/// The array tasks of arrays with those names that the cluster still knows, those that have ended included. Nothing
/// where no cluster answers.
[[nodiscard]] std::optional<Queue> queue_of(const std::vector<std::string>& names);

/// Ends the array of that name, whatever of it runs or waits; with `waiting_only` what waits.
void cancel_array(const std::string& name, bool waiting_only = false);
/// Ends one array task.
void cancel_array_task(const std::string& id, std::size_t place);

}  // namespace systole::regress
