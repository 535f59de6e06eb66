// SPDX-License-Identifier: Apache-2.0
#include "regress/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/counted.h"
#include "base/junit.h"
#include "base/output_file.h"
#include "base/quote.h"
#include "base/table.h"
#include "regress/result_json.h"
#include "sim/kernel/outcome.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string signature_text(const Summary& s, std::size_t i) {
  return is_wrong(s.results[i].verdict) ? to_string(signature_of(s.jobs[i], s.results[i])) : "";
}

std::size_t groups_with(const Summary& s, Trend trend) {
  return static_cast<std::size_t>(std::ranges::count(s.groups, trend, &Group::trend));
}

Json group_json(const Summary& s, const Group& group) {
  const JobResult& first = s.results[group.jobs.front()];
  Json tokens = Json::array(), names = Json::array();
  for (const std::size_t i : group.jobs) {
    names.push_back(s.jobs[i].name);
    if (!s.results[i].token.empty()) tokens.push_back(s.results[i].token);
  }
  return {{"signature", to_string(group.signature)},
          {"trend", std::string(to_string(group.trend))},
          {"count", group.jobs.size()},
          {"line", first.line},
          {"folder", group.folder},
          {"repeated", group.repeated},
          {"tokens", tokens},
          {"jobs", names}};
}

Json job_json(const Summary& s, std::size_t i) {
  const Job& job = s.jobs[i];
  Json at = Json::object();
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    if (!job.at.values[axis].empty()) at[std::string(kAxisNames[axis])] = job.at.values[axis];
  }
  Json json{{"name", job.name}, {"key", job.key}, {"id", job.id}, {"at", at}};
  json.update(to_json(s.results[i]));
  if (is_wrong(s.results[i].verdict)) json["words"] = job.words;
  json["signature"] = signature_text(s, i);
  json["trend"] = std::string(to_string(s.trends[i]));
  return json;
}

Json ledger_json(const Ledger& ledger) {
  Json json{{"planned", ledger.planned()}};
  for (std::size_t i = 0; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    json[std::string(to_string(verdict))] = ledger.count(verdict);
  }
  return json;
}

base::JunitCase junit_case(const Summary& s, std::size_t i) {
  using Result = base::JunitCase::Result;
  const JobResult& result = s.results[i];
  base::JunitCase one;
  one.name = s.jobs[i].name;
  one.seconds = result.seconds;
  if (s.trends[i] == Trend::flaky && result.verdict == Verdict::passed) {
    one.result = Result::failed;
    one.message = "flaky: failed before with the same RTL, network and arguments";
  } else if (!is_result(result.verdict)) {
    one.result = Result::skipped;
    one.message = to_string(result.verdict);
  } else if (result.verdict != Verdict::passed) {
    one.result = Result::failed;
    one.message = result.line;
    one.text = signature_text(s, i) + "\n";
    if (const std::string again = rerun_command(s.jobs[i], result, "systole"); !again.empty())
      one.text += "again: " + again + "\n";
    if (!result.last.empty()) one.text += result.last + "\n";
  }
  return one;
}

std::string cut(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

/// Two or three lines a group.
std::string group_text(const Summary& s, const Group& group, const std::string& command) {
  constexpr std::size_t kWidth = 110;
  const JobResult& first = s.results[group.jobs.front()];
  std::string text = fmt::format("{:<5} {} in {}\n  {}\n", to_string(group.trend), to_string(group.signature),
                                 base::counted(group.jobs.size(), "job"), cut(first.line, kWidth));
  const std::string again = rerun_command(s.jobs[group.jobs.front()], first, command);
  if (!again.empty()) text += fmt::format("  again: {}\n", again);
  if (!group.folder.empty()) text += fmt::format("  folder: {}\n", group.folder);
  return text;
}

}  // namespace

std::string_view to_string(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::lost:
      return "lost";
    case RunVerdict::cancelled:
      return "cancelled";
    case RunVerdict::failed:
      return "failed";
    case RunVerdict::flaky:
      return "flaky";
    case RunVerdict::unfinished:
      return "unfinished";
    case RunVerdict::passed:
      return "passed";
  }
  return "?";
}

std::string rerun_command(const Job& job, const JobResult& result, const std::string& command) {
  const std::vector<std::string> words = words_again(job, result);
  if (words.empty()) return {};
  const std::string& design = job.at[Axis::design];
  const std::string dut = design.starts_with(kDut) ? " --dut " + base::shell_word(design.substr(kDut.size())) : "";
  std::string text = command + dut;
  for (const std::string& word : words) text += " " + base::shell_word(word);
  return text;
}

std::vector<std::size_t> jobs_with(const Summary& summary, Trend trend) {
  std::vector<std::size_t> jobs;
  for (std::size_t i = 0; i < summary.trends.size(); ++i) {
    if (summary.trends[i] == trend) jobs.push_back(i);
  }
  return jobs;
}

RunVerdict verdict_of(const Summary& s) {
  if (!s.objection.empty() || s.ledger.count(Verdict::lost) > 0) return RunVerdict::lost;
  if (s.ledger.count(Verdict::cancelled) > 0) return RunVerdict::cancelled;
  if (s.ledger.count(Verdict::failed) > 0) return RunVerdict::failed;
  if (!jobs_with(s, Trend::flaky).empty()) return RunVerdict::flaky;
  return s.ledger.count(Verdict::skipped) > 0 ? RunVerdict::unfinished : RunVerdict::passed;
}

int exit_code(RunVerdict verdict) {
  using kernel::Outcome;
  switch (verdict) {
    case RunVerdict::lost:
      return kernel::exit_code(Outcome::lost);
    case RunVerdict::cancelled:
      return kernel::exit_code(Outcome::interrupted);
    case RunVerdict::failed:
    case RunVerdict::flaky:
      return kernel::exit_code(Outcome::mismatch);
    case RunVerdict::unfinished:
      return kernel::exit_code(Outcome::unfinished);
    case RunVerdict::passed:
      return kernel::exit_code(Outcome::passed);
  }
  return 1;
}

std::string verdict_note(const Summary& s) {
  const std::size_t wrong = s.ledger.count(Verdict::failed) + s.ledger.count(Verdict::lost);
  const std::string jobs = base::counted(s.ledger.planned(), "job");
  std::string line = fmt::format("{} of {} passed", s.ledger.count(Verdict::passed), jobs);
  if (wrong > 0) {
    line = fmt::format("{} of {} failed or lost, in {}, {} new", wrong, jobs, base::counted(s.groups.size(), "group"),
                       groups_with(s, Trend::fresh));
  }
  const std::size_t fixed = jobs_with(s, Trend::fixed).size(), flaky = jobs_with(s, Trend::flaky).size();
  if (fixed > 0) line += fmt::format(", {} fixed", fixed);
  if (flaky > 0) line += fmt::format(", {} flaky", flaky);
  return line;
}

std::string summary_text(const Summary& s, const std::string& command) {
  constexpr std::size_t kMost = 5;  // of four lines each
  std::string text;
  for (std::size_t i = 0; i < std::min(s.groups.size(), kMost); ++i) text += group_text(s, s.groups[i], command);
  if (s.groups.size() > kMost) text += fmt::format("and {}\n", base::counted(s.groups.size() - kMost, "more group"));
  text += s.ledger.text() + "\n";
  if (!s.objection.empty()) text += fmt::format("the ledger does not close: {}\n", s.objection);
  return text + base::terminal_text(fmt::format("{}: {}", to_string(verdict_of(s)), verdict_note(s)));
}

std::string summary_json(const Summary& s) {
  Json groups = Json::array(), jobs = Json::array(), fixed = Json::array(), flaky = Json::array();
  for (const Group& group : s.groups) groups.push_back(group_json(s, group));
  for (const std::size_t i : jobs_with(s, Trend::fixed)) fixed.push_back(s.jobs[i].name);
  for (const std::size_t i : jobs_with(s, Trend::flaky)) flaky.push_back(s.jobs[i].name);
  for (std::size_t i = 0; i < s.jobs.size(); ++i) jobs.push_back(job_json(s, i));
  const Json json{{"version", 1},
                  {"plan", s.plan},
                  {"run", s.run},
                  {"started", s.started},
                  {"seconds", s.seconds},
                  {"verdict", std::string(to_string(verdict_of(s)))},
                  {"ledger", ledger_json(s.ledger)},
                  {"objection", s.objection},
                  {"groups", groups},
                  {"fixed", fixed},
                  {"flaky", flaky},
                  {"jobs", jobs}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary_junit(const Summary& s) {
  std::vector<base::JunitCase> cases;
  cases.reserve(s.jobs.size());
  for (std::size_t i = 0; i < s.jobs.size(); ++i) cases.push_back(junit_case(s, i));
  return base::junit_text("regress." + s.plan, cases, s.seconds);
}

fs::path write_page(const Summary& summary, const fs::path& run, const std::string& command,
                    const std::vector<PastRun>& past) {
  fs::path page = run / "regress.html";
  base::write_file_at_once(page, summary_page(summary, run, command, past));
  return page;
}

void write_summary(const Summary& summary, const fs::path& run, const std::string& command) {
  base::write_file_at_once(run / "junit.xml", summary_junit(summary));
  (void)write_page(summary, run, command, {});
  base::write_file_at_once(run / "summary.json", summary_json(summary));
}

}  // namespace systole::regress
