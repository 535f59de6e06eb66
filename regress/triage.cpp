// SPDX-License-Identifier: Apache-2.0
#include "regress/triage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>

namespace systole::regress {
namespace {

/// New ones are what a reader looks for.
int urgency(Trend trend) {
  switch (trend) {
    case Trend::fresh:
      return 0;
    case Trend::flaky:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

Signature signature_of(const Job& job, const JobResult& result) {
  const bool in_words = result.kind.empty() && result.origin.empty() && result.outcome != "timeout";
  const std::string twice = result.outcome + ": ";  // "unproven: ..."
  const std::string why = result.line.starts_with(twice) ? result.line.substr(twice.size()) : result.line;
  return {.design = job.at[Axis::design],
          .kind = result.kind,
          .outcome = result.outcome,
          .origin = in_words ? why : result.origin,
          .also = result.also};
}

std::string to_string(const Signature& s) {
  std::string text = s.design;
  for (const std::string* part : {&s.kind, &s.outcome, &s.origin}) text += part->empty() ? "" : " " + *part;
  return s.also.empty() ? text : text + ", also " + s.also;
}

std::string_view to_string(Trend trend) {
  switch (trend) {
    case Trend::none:
      return "";
    case Trend::fresh:
      return "new";
    case Trend::still:
      return "still";
    case Trend::fixed:
      return "fixed";
    case Trend::flaky:
      return "flaky";
  }
  return "?";
}

Trend trend_from(std::string_view text) {
  for (const Trend trend : {Trend::none, Trend::fresh, Trend::still, Trend::fixed, Trend::flaky}) {
    if (text == to_string(trend)) return trend;
  }
  throw std::invalid_argument("trend");
}

Trend trend_of(const Job& job, const JobResult& result, const Known& known) {
  if (!is_result(result.verdict)) return Trend::none;
  const bool wrong = is_wrong(result.verdict);
  const auto before = known.find(job.key);
  if (before == known.end()) return wrong ? Trend::fresh : Trend::none;
  const bool was_wrong = is_wrong(before->second.verdict);
  // What was lost says nothing of the design.
  const bool lost = result.verdict == Verdict::lost || before->second.verdict == Verdict::lost;
  const bool as_before =
      wrong == was_wrong && (!wrong || to_string(signature_of(job, result)) == before->second.signature);
  if (!as_before && before->second.id == job.id && !lost) return Trend::flaky;
  if (wrong) return was_wrong ? Trend::still : Trend::fresh;
  return was_wrong ? Trend::fixed : Trend::none;
}

void sort_groups(std::vector<Group>& groups) {
  std::ranges::stable_sort(groups, {}, [](const Group& group) {
    return std::tuple(urgency(group.trend), -static_cast<std::int64_t>(group.jobs.size()), group.jobs.front());
  });
}

std::vector<Group> groups_of(std::span<const Job> jobs, std::span<const JobResult> results, const Known& known) {
  std::set<std::string> before;
  for (const auto& [key, job] : known) before.insert(job.signature);
  std::map<Signature, Group> groups;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!is_wrong(results[i].verdict)) continue;
    const Signature signature = signature_of(jobs[i], results[i]);
    Group& group = groups[signature];
    if (group.jobs.empty()) {
      group.signature = signature;
      if (before.contains(to_string(signature))) group.trend = Trend::still;
    }
    group.jobs.push_back(i);
    if (trend_of(jobs[i], results[i], known) == Trend::flaky) group.trend = Trend::flaky;
  }
  std::vector<Group> list;
  for (auto& [signature, group] : groups) list.push_back(std::move(group));
  sort_groups(list);
  return list;
}

}  // namespace systole::regress
