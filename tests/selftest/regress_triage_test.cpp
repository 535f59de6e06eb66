// SPDX-License-Identifier: Apache-2.0
// Failures of twenty planted faults, each under many seeds, in one heap: the groups that triage makes of them are to
// hold one fault each. SYSTOLE_SEEDS says how many seeds (docs/regress.md).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "regress/campaign.h"
#include "regress/local_runner.h"
#include "tests/support/temporary_folder.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using namespace systole::regress;

/// Of faults.tsv, in most of its modules, that show in LeNet or in a residual network.
constexpr const char* kFaults[] = {"accel.padding_reads_a_word",
                                   "accel.wrong_channel_slot",
                                   "act_buffer.ready_stuck",
                                   "act_buffer.bank_not_turned",
                                   "c_unit.shadow_swapped_late",
                                   "act_buffer.fill_counter_not_cleared",
                                   "cfg_loader.slot_not_advanced",
                                   "channel_table.wrong_slot",
                                   "skew.moves_in_a_stall",
                                   "ctrl.edge_skipped",
                                   "ctrl.counter_off_by_one",
                                   "delay_line.one_short",
                                   "im2col.stride_ignored",
                                   "im2col.bank_released_early",
                                   "output_lane.bias_ignored",
                                   "psum_bank.columns_reversed",
                                   "psum_lane.first_pass_keeps_the_bank",
                                   "requantize_round.shift_one_short",
                                   "stream_fifo.head_not_cleared",
                                   "weight_loader.tile_one_row_short"};

std::size_t seeds() {
  const char* text = std::getenv("SYSTOLE_SEEDS");
  return text == nullptr ? 4 : static_cast<std::size_t>(std::atoi(text));
}

/// Jobs of the program with one fault: the variable that wakes it is set by a script in its place.
std::vector<Job> jobs_with(const std::string& fault, const fs::path& folder) {
  const fs::path script = folder / fault;
  base::write_file(script, fmt::format("#!/bin/sh\nSYSTOLE_FAULT={} exec {} \"$@\"\n", fault, SYSTOLE_FAULTY_PROGRAM));
  fs::permissions(script, fs::perms::owner_all);
  base::write_file(folder / "plan.json", fmt::format(R"({{"version": 1, "name": "faults", "blocks": [{{
                       "networks": ["models/lenet", "models/resnet-bfp"], "designs": ["4x4"], "checks": ["all"],
                       "stalls": ["none", "both"], "seeds": ["1-{}"], "images": [0]}}]}})",
                                                     seeds()));
  const Plan plan = read_plan(folder / "plan.json", "4x4");
  Surroundings around;
  around.designs["4x4"] = {.program = script, .replayer = {}, .hashes = fault};
  for (const char* network : {"models/lenet", "models/resnet-bfp"}) around.hashes[network] = "";
  return jobs_of(plan, around);
}

TEST_CASE("selftest.regress.failures_of_a_group_share_their_fault") {
  const TemporaryFolder folder;
  std::vector<Job> jobs;
  std::vector<std::string> faults;  // of the jobs, by place
  for (const char* fault : kFaults) {
    std::ranges::move(jobs_with(fault, folder.path()), std::back_inserter(jobs));
    faults.resize(jobs.size(), fault);
  }
  LocalRunner runner(2);
  const CampaignResult result = run_jobs(jobs, {}, folder.path() / "run", runner, {});
  CHECK(result.objection.empty());
  CHECK(result.ledger.count(Verdict::lost) == 0);
  const std::vector<Group> groups = groups_of(jobs, result.results, {});
  std::size_t failures = 0, pure = 0, fragments = 0;
  std::set<std::string> seen;
  for (const Group& group : groups) {
    std::map<std::string, std::size_t> count;
    for (const std::size_t i : group.jobs) ++count[faults[i]];
    const auto most = std::ranges::max_element(count, {}, [](const auto& one) { return one.second; });
    failures += group.jobs.size();
    pure += most->second;
    fragments += count.size();
    std::string line = to_string(group.signature) + ":";
    for (const auto& [fault, n] : count) line += fmt::format(" {} {}", n, fault);
    MESSAGE(line);
    for (const auto& [fault, n] : count) seen.insert(fault);
  }
  MESSAGE(fmt::format(
      "{} jobs, {} failures of {} faults in {} groups, {} share their group's fault, {} groups with a fault",
      jobs.size(), failures, seen.size(), groups.size(), pure, fragments));
  CHECK(seen.size() == std::size(kFaults));
  CHECK(static_cast<double>(pure) >= 0.95 * static_cast<double>(failures));
  CHECK(static_cast<double>(groups.size()) <= 1.5 * static_cast<double>(seen.size()));
}

}  // namespace
}  // namespace systole::test
