// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "regress/runner.h"
#include "regress/slurm.h"

namespace systole::regress {

/// Runs tasks as arrays of Slurm (docs/adr/0015-arrays-of-chunks.md). `folder` lies below that of the run, on a file
/// system that the nodes share: arrays that another process sent and did not wait for are found there and waited for.
/// `program` is copied there; the nodes call its `regress-chunk`. `tell` gets a line where there is news of the
/// cluster.
class SlurmRunner : public Runner {
 public:
  using Tell = std::function<void(const std::string&)>;
  SlurmRunner(std::filesystem::path folder, std::filesystem::path program, SlurmOptions options, Tell tell);
  /// As Runner::run; throws base::InputError too where sbatch refuses an array while none is under way, and where the
  /// first array task shows that its node cannot run chunks. No array is left then.
  void run(const TaskFlow& flow, const Limits& limits) override;

 private:
  std::filesystem::path folder_, program_;
  SlurmOptions options_;
  Tell tell_;
};

/// Whether arrays may be under way that nobody waits for.
[[nodiscard]] bool has_open_arrays(const std::filesystem::path& folder);

}  // namespace systole::regress
