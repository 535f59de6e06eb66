// SPDX-License-Identifier: Apache-2.0
#pragma once
// One run of a plan, from its start or where it was left, to its summary.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "regress/campaign.h"
#include "regress/plan.h"
#include "regress/runner.h"
#include "regress/store.h"
#include "regress/summary.h"

namespace systole::regress {

/// Throws base::InputError where a network or a set of the plan is not there, or a network lacks a layer.
void require_inputs(const Plan& plan);

/// Keeps the programs of a design below the folder and gives their places.
using FreezeDesign =
    std::function<DesignFacts(const std::string& design, const Block& block, const std::filesystem::path& folder)>;

struct Run {
  int number = 0;
  std::filesystem::path folder;
  RunStart start;
  std::vector<Job> jobs;
  Known known;  ///< from the runs before
};

/// A new run. `only_failed`: of what failed or was lost the last time that it ran. `since`: the folder of a run, if not
/// empty; of what did not pass in it, or is of other RTL, networks or arguments. Seeds that the plan draws are then
/// those of the newest run, or of `since`. Throws base::InputError, also where nothing is to be run.
[[nodiscard]] Run begin_run(const Store& store, const Plan& plan, const FreezeDesign& freeze, bool only_failed,
                            const std::filesystem::path& since = {});

/// The newest run, with the programs that it began with. Throws base::InputError where there is none, it is of another
/// plan, or a network or set has changed since.
[[nodiscard]] Run resume_run(const Store& store, const Plan& plan);

/// The jobs of a plan as a run would have them, for whoever asks what would run: without programs, so that ids say
/// nothing. `only_failed`: as begin_run() has it.
[[nodiscard]] std::vector<Job> planned_jobs(const Store& store, const Plan& plan, bool only_failed = false);

/// Groups failures and runs one of each group again. `seconds`: of the campaign.
[[nodiscard]] Summary finish_run(const Run& run, const Plan& plan, CampaignResult campaign, Runner& runner,
                                 double seconds);

}  // namespace systole::regress
