// SPDX-License-Identifier: Apache-2.0
#include "regress/regression.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/sha256.h"
#include "base/utc.h"
#include "golden/format/network_file.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;

/// Nothing where the run cannot be read.
std::optional<std::string> drawn_in(const fs::path& run) {
  try {
    return read_start(run).surroundings.drawn_from;
  } catch (const base::InputError&) {
    return std::nullopt;
  }
}

/// Anew for each run; what is run again has the seeds of the run that it is taken from.
std::string drawn_from(const Store& store, const Plan& plan, bool only_failed, const fs::path& since = {}) {
  std::vector<fs::path> again;  // the last one that can be read
  if (only_failed)
    std::ranges::transform(store.runs(), std::back_inserter(again),
                           [&store](int run) { return store.run_folder(run); });
  if (!since.empty()) again.push_back(since);
  for (; !again.empty(); again.pop_back()) {
    if (std::optional<std::string> drawn = drawn_in(again.back())) return *std::move(drawn);
  }
  return fmt::format("{} run {}", plan.name, store.newest() + 1);
}

std::map<std::string, std::string> hashes_of_inputs(const Plan& plan) {
  std::map<std::string, std::string> hashes;
  for (const Block& block : plan.blocks) {
    for (const Axis axis : {Axis::network, Axis::vectors}) {
      for (const std::string& folder : block.axes[axis]) {
        if (std::string& hash = hashes[folder]; hash.empty()) hash = folder_sha256(folder);
      }
    }
  }
  return hashes;
}

/// "models/lenet", or empty where all are as they were. Throws base::InputError where one cannot be read.
std::string changed_input(const Plan& plan, const RunStart& start) {
  const std::map<std::string, std::string> now = hashes_of_inputs(plan);
  for (const auto& [folder, hash] : start.surroundings.hashes) {
    const auto found = now.find(folder);
    if (found == now.end() || found->second != hash) return folder;
  }
  return {};
}

/// Why what the jobs read may not be what the run began with; empty: it is.
std::string objection_to_inputs(const Plan& plan, const RunStart& start) {
  try {
    const std::string changed = changed_input(plan, start);
    return changed.empty() ? "" : fmt::format("{} changed while the run went on", changed);
  } catch (const std::runtime_error& error) {  // one that is gone or locked
    return error.what();
  }
}

/// Keys of jobs that failed or were lost the last time. Throws base::InputError where there are none.
std::vector<std::string> keys_of_failed(const Plan& plan, const std::vector<Job>& jobs, const Known& known) {
  std::vector<std::string> keys;
  for (const Job& job : jobs) {
    const auto before = known.find(job.key);
    const bool wrong =
        before != known.end() && (before->second.verdict == Verdict::failed || before->second.verdict == Verdict::lost);
    if (wrong) keys.push_back(job.key);
  }
  if (keys.empty()) throw base::InputError(plan.name, "", "nothing failed the last time");
  return keys;
}

/// Keys of jobs that are not known to pass as they are, from what a run says of them.
std::vector<std::string> keys_since(const std::vector<Job>& jobs, const Summary& run) {
  std::set<std::string> passed;  // ids
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    const bool flaky = run.trends[i] == Trend::flaky;
    if (run.results[i].verdict == Verdict::passed && !flaky) passed.insert(run.jobs[i].id);
  }
  std::vector<std::string> keys;
  for (const Job& job : jobs) {
    if (!passed.contains(job.id)) keys.push_back(job.key);
  }
  return keys;
}

void require_layers(const std::string& network, const std::vector<std::string>& layers) {
  const model::Network loaded = model::load_network(network);
  for (const std::string& layer : layers) {
    const auto is_it = [&layer](const model::Node& node) { return node.layer.name == layer; };
    if (layer == kAllLayers || std::ranges::any_of(loaded.nodes, is_it)) continue;
    throw base::InputError(network, "layer " + layer, "no such layer");
  }
}

}  // namespace

void require_inputs(const Plan& plan) {
  for (const Block& block : plan.blocks) {
    for (const std::string& network : block.axes[Axis::network]) require_layers(network, block.axes[Axis::layer]);
    for (const std::string& set : block.axes[Axis::vectors]) {
      if (!fs::is_directory(set)) throw base::InputError(set, "", "expected the folder of a set of vectors");
    }
  }
}

Run begin_run(const Store& store, const Plan& plan, const FreezeDesign& freeze, bool only_failed,
              const fs::path& since) {
  Run run;
  run.number = store.newest() + 1;
  run.folder = store.run_folder(run.number);
  run.known = store.known_before(run.number);
  std::error_code ignored;
  fs::remove_all(run.folder, ignored);  // of a start that was cut off
  run.start.plan_sha256 = base::sha256_of(plan.text);
  run.start.own_design = plan.own_design;
  run.start.started = base::utc_now();
  Surroundings& around = run.start.surroundings;
  around.drawn_from = drawn_from(store, plan, only_failed, since);
  around.hashes = hashes_of_inputs(plan);
  for (const Block& block : plan.blocks) {
    const bool replays = !block.axes[Axis::vectors].empty();
    for (const std::string& design : block.axes[Axis::design]) {
      DesignFacts& facts = around.designs[design_key(design, block.kind)];
      if (!(replays ? facts.replayer : facts.program).empty()) continue;
      const DesignFacts more = freeze(design, block, run.folder / "frozen");
      (replays ? facts.replayer : facts.program) = replays ? more.replayer : more.program;
      facts.hashes += more.hashes;
    }
  }
  if (only_failed) run.start.only = keys_of_failed(plan, jobs_of(plan, run.start), run.known);
  if (!since.empty()) {
    run.start.only = keys_since(jobs_of(plan, run.start), read_summary(since));
    if (run.start.only.empty()) throw base::InputError(plan.name, "", "all of it passed in that run, as it is");
  }
  run.jobs = jobs_of(plan, run.start);
  write_start(run.folder, plan, run.start);
  store.set_latest(run.number);
  return run;
}

Run resume_run(const Store& store, const Plan& plan) {
  Run run;
  run.number = store.newest();
  if (run.number == 0) throw base::InputError("--resume", "", "there is no run in that folder");
  run.folder = store.run_folder(run.number);
  run.start = read_start(run.folder);
  if (run.start.plan_sha256 != base::sha256_of(plan.text))
    throw base::InputError("--resume", "", fmt::format("run {} is of another plan; start a new one", run.number));
  if (const std::string changed = changed_input(plan, run.start); !changed.empty())
    throw base::InputError("--resume", changed, fmt::format("has changed since run {} began", run.number));
  run.known = store.known_before(run.number);
  run.jobs = jobs_of(plan, run.start);
  return run;
}

std::vector<Job> planned_jobs(const Store& store, const Plan& plan, bool only_failed) {
  RunStart start;
  Surroundings& around = start.surroundings;
  around.drawn_from = drawn_from(store, plan, only_failed);
  for (const Block& block : plan.blocks) {
    for (const std::string& design : block.axes[Axis::design])
      around.designs[design_key(design, block.kind)].program = "systole";
    for (const Axis axis : {Axis::network, Axis::vectors}) {
      for (const std::string& folder : block.axes[axis]) around.hashes[folder] = "";
    }
  }
  if (only_failed) start.only = keys_of_failed(plan, jobs_of(plan, start), store.known_before(store.newest() + 1));
  return jobs_of(plan, start);
}

Summary finish_run(const Run& run, const Plan& plan, CampaignResult campaign, Runner& runner, double seconds) {
  Summary summary;
  summary.plan = plan.name;
  summary.started = run.start.started;
  summary.run = run.number;
  summary.seconds = seconds;
  summary.jobs = run.jobs;
  summary.results = std::move(campaign.results);
  summary.ledger = campaign.ledger;
  summary.objection = campaign.objection;
  for (std::size_t i = 0; i < summary.jobs.size(); ++i)
    summary.trends.push_back(trend_of(summary.jobs[i], summary.results[i], run.known));
  summary.groups = groups_of(summary.jobs, summary.results, run.known);
  std::error_code ignored;
  for (const char* folder : {"failures", "reruns"}) fs::remove_all(run.folder / folder, ignored);
  try {
    rerun_groups(summary.groups, summary.jobs, summary.results, run.folder, runner, plan.limits);
  } catch (const base::InputError& error) {
    if (summary.objection.empty()) summary.objection = error.what();
  }
  for (const Group& group : summary.groups) {
    if (group.trend == Trend::flaky) summary.trends[group.jobs.front()] = Trend::flaky;
  }
  sort_groups(summary.groups);
  if (summary.objection.empty()) summary.objection = objection_to_inputs(plan, run.start);
  return summary;
}

}  // namespace systole::regress
