// SPDX-License-Identifier: Apache-2.0
#include "regress/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>

#include "base/input_error.h"
#include "base/output_file.h"
#include "regress/json_file.h"
#include "regress/summary.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kRuns = "runs";

void add_job(Known& known, const Job& job, const JobResult& result) {
  if (!is_result(result.verdict)) return;
  const bool passed = result.verdict == Verdict::passed;
  known[job.key] = {.id = job.id,
                    .verdict = result.verdict,
                    .signature = passed ? "" : to_string(signature_of(job, result)),
                    .seconds = result.seconds};
}

std::optional<int> run_number(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const bool digits = !name.empty() && name.size() < 9 && name.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::optional(std::stoi(name)) : std::nullopt;
}

}  // namespace

std::unique_ptr<base::FileLock> Store::lock() const {
  std::error_code code;
  fs::create_directories(folder_ / kRuns, code);
  if (code) throw base::InputError(folder_.string(), "", "cannot be made: " + code.message());
  const fs::path file = folder_ / "lock";
  if (!fs::exists(file)) base::write_file(file, "");
  return std::make_unique<base::FileLock>(file);
}

std::vector<int> Store::runs() const {
  std::vector<int> runs;
  if (!fs::is_directory(folder_ / kRuns)) return runs;
  for (const auto& entry : fs::directory_iterator(folder_ / kRuns)) {
    const int number = run_number(entry.path()).value_or(0);
    if (number > 0 && may_be_there(entry.path() / kStartFile)) runs.push_back(number);
  }
  std::ranges::sort(runs);
  return runs;
}

int Store::newest() const {
  const std::vector<int> all = runs();
  return all.empty() ? 0 : all.back();
}

fs::path Store::run_folder(int run) const { return folder_ / kRuns / fmt::format("{:04}", run); }

Known Store::known_before(int run) const {
  constexpr int kLookedAt = 20;
  Known known;
  for (int i = std::max(1, run - kLookedAt); i < run; ++i) {
    const fs::path folder = run_folder(i);
    if (!may_be_there(folder / kStartFile)) continue;
    try {
      const Summary summary = read_summary(folder);
      for (std::size_t j = 0; j < summary.jobs.size(); ++j) add_job(known, summary.jobs[j], summary.results[j]);
    } catch (const base::InputError&) {  // what is cut or locked says nothing, and is in nobody's way
    }
  }
  return known;
}

void Store::set_latest(int run) const {
  const fs::path link = folder_ / "latest", fresh = folder_ / ".latest";
  std::error_code code;
  fs::remove(fresh, code);
  fs::create_directory_symlink(run_folder(run).lexically_relative(folder_), fresh, code);
  if (!code) fs::rename(fresh, link, code);
  if (code) throw base::InputError(link.string(), "", "cannot be written: " + code.message());
}

void write_start(const fs::path& run, const Plan& plan, const RunStart& start) {
  std::error_code code;
  fs::create_directories(run, code);
  if (code) throw base::InputError(run.string(), "", "cannot be made: " + code.message());
  base::write_file_at_once(run / kPlanFile, plan.text);
  Json designs = Json::object(), hashes = Json::object();
  for (const auto& [name, design] : start.surroundings.designs) {
    designs[name] = {
        {"program", design.program.string()}, {"replayer", design.replayer.string()}, {"sha256", design.hashes}};
  }
  for (const auto& [folder, hash] : start.surroundings.hashes) hashes[folder] = hash;
  const Json json{{"version", 1},
                  {"plan", plan.name},
                  {"plan_sha256", start.plan_sha256},
                  {"own_design", start.own_design},
                  {"started", start.started},
                  {"drawn_from", start.surroundings.drawn_from},
                  {"designs", designs},
                  {"inputs", hashes},
                  {"only", start.only}};
  base::write_file_at_once(run / kStartFile, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

RunStart read_start(const fs::path& run) {
  RunStart start;
  read_json_file(run / kStartFile, [&start](const Json& json) {
    json.at("plan_sha256").get_to(start.plan_sha256);
    json.at("own_design").get_to(start.own_design);
    json.at("started").get_to(start.started);
    json.at("drawn_from").get_to(start.surroundings.drawn_from);
    for (const auto& [name, design] : json.at("designs").items()) {
      start.surroundings.designs[name] = {.program = design.at("program").get<std::string>(),
                                          .replayer = design.at("replayer").get<std::string>(),
                                          .hashes = design.at("sha256").get<std::string>()};
    }
    for (const auto& [folder, hash] : json.at("inputs").items())
      start.surroundings.hashes[folder] = hash.get<std::string>();
    json.at("only").get_to(start.only);
  });
  return start;
}

std::vector<Job> jobs_of(const Plan& plan, const RunStart& start) {
  std::vector<Job> jobs = jobs_of(plan, start.surroundings);
  if (start.only.empty()) return jobs;
  const std::set<std::string> only(start.only.begin(), start.only.end());
  std::erase_if(jobs, [&only](const Job& job) { return !only.contains(job.key); });
  return jobs;
}

}  // namespace systole::regress
