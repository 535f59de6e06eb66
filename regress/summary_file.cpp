// SPDX-License-Identifier: Apache-2.0
// A summary as its file has it.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/input_error.h"
#include "regress/campaign.h"
#include "regress/json_file.h"
#include "regress/result_json.h"
#include "regress/store.h"
#include "regress/summary.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Job job_from(const Json& json) {
  Job job;
  json.at("name").get_to(job.name);
  json.at("key").get_to(job.key);
  json.at("id").get_to(job.id);
  job.words = json.value("words", std::vector<std::string>());
  for (const auto& [axis, value] : json.at("at").items()) {
    const auto* const found = std::ranges::find(kAxisNames, axis);
    if (found == kAxisNames.end()) throw std::invalid_argument(axis);
    value.get_to(job.at.values[static_cast<std::size_t>(found - kAxisNames.begin())]);
  }
  return job;
}

Ledger ledger_from(const Json& json) {
  Ledger ledger(json.at("planned").get<std::size_t>());
  for (std::size_t i = 0; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    const auto count = json.at(std::string(to_string(verdict))).get<std::size_t>();
    for (std::size_t n = 0; n < std::min(count, ledger.planned()); ++n) ledger.add(verdict);
  }
  return ledger;
}

Group group_from(const Json& json, const Summary& summary, const std::map<std::string, std::size_t>& places) {
  Group group;
  for (const Json& name : json.at("jobs")) {
    const auto place = places.find(name.get<std::string>());
    if (place == places.end()) throw std::invalid_argument("a job of a group that is none of the run");
    group.jobs.push_back(place->second);
  }
  if (group.jobs.empty()) throw std::invalid_argument("a group without jobs");
  group.signature = signature_of(summary.jobs[group.jobs.front()], summary.results[group.jobs.front()]);
  group.trend = trend_from(json.at("trend").get<std::string>());
  json.at("folder").get_to(group.folder);
  group.repeated = json.value("repeated", 0);  // Systole 0.1 did not count
  return group;
}

Summary summary_from(const Json& json) {
  Summary summary;
  json.at("plan").get_to(summary.plan);
  json.at("started").get_to(summary.started);
  json.at("run").get_to(summary.run);
  json.at("seconds").get_to(summary.seconds);
  json.at("objection").get_to(summary.objection);
  std::map<std::string, std::size_t> places;
  for (const Json& job : json.at("jobs")) {
    summary.jobs.push_back(job_from(job));
    summary.results.push_back(result_from(job));
    summary.trends.push_back(trend_from(job.at("trend").get<std::string>()));
    places[summary.jobs.back().name] = summary.jobs.size() - 1;
  }
  for (const Json& group : json.at("groups")) summary.groups.push_back(group_from(group, summary, places));
  summary.ledger = ledger_from(json.at("ledger"));
  return summary;
}

Summary kept_summary(const fs::path& run) {
  const RunStart start = read_start(run);
  const Plan plan = read_plan(run / kPlanFile, start.own_design);
  Summary summary;
  summary.plan = plan.name;
  summary.started = start.started;
  summary.jobs = jobs_of(plan, start);
  summary.results = kept_results(summary.jobs, run, Verdict::cancelled);
  summary.trends.resize(summary.jobs.size(), Trend::none);
  summary.ledger = Ledger(summary.jobs.size());
  for (const JobResult& result : summary.results) summary.ledger.add(result.verdict);
  return summary;
}

}  // namespace

Summary read_summary(const fs::path& run) {
  if (!may_be_there(run / kSummaryFile)) return kept_summary(run);
  Summary summary;
  read_json_file(run / kSummaryFile, [&summary](const Json& json) { summary = summary_from(json); });
  return summary;
}

}  // namespace systole::regress
