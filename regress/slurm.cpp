// SPDX-License-Identifier: Apache-2.0
#include "regress/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <sstream>
#include <string_view>

#include "base/input_error.h"
#include "base/process.h"

namespace systole::regress {
namespace {

/// The first error of a program of Slurm, without its name, else its last line.
std::string complaint(const std::string& output) {
  constexpr std::string_view kError = "error: ";
  std::string last = "it says nothing";
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t error = line.find(kError); error != std::string::npos)
      return line.substr(error + kError.size());
    if (!line.empty()) last = line;
  }
  return last;
}

std::vector<std::string> sbatch_words(const SlurmOptions& options, const Limits& limits) {
  constexpr std::int64_t kOwnMegabytes = 200;  // of the process that starts the jobs
  std::vector<std::string> words{"sbatch", "--nodes=1", "--ntasks=1", fmt::format("--cpus-per-task={}", options.cpus)};
  if (limits.memory_mb > 0) words.push_back(fmt::format("--mem={}M", options.cpus * limits.memory_mb + kOwnMegabytes));
  if (!options.partition.empty()) words.push_back("--partition=" + options.partition);
  if (!options.account.empty()) words.push_back("--account=" + options.account);
  if (!options.qos.empty()) words.push_back("--qos=" + options.qos);
  words.insert(words.end(), options.words.begin(), options.words.end());
  return words;
}

/// The id that sbatch --parsable prints, with a ";cluster" behind it or not; empty where there is none.
std::string id_in(const std::string& output) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::string id = line.substr(0, line.find(';'));
    if (!id.empty() && std::ranges::all_of(id, [](unsigned char c) { return std::isdigit(c) != 0; })) return id;
  }
  return {};
}

std::optional<std::size_t> task_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

void require_slurm(const SlurmOptions& options, const Limits& limits) {
  constexpr const char* kWhere = "--slurm";
  if (!base::run_process({"sbatch", "--version"}).succeeded)
    throw base::InputError(kWhere, "", "no sbatch on PATH; run it where jobs of the cluster are sent from, or with -j");
  const base::ProcessResult answer = base::run_process({"sinfo", "--noheader"}, {.folder = {}, .errors_too = true});
  if (!answer.succeeded) throw base::InputError(kWhere, "", "no cluster answers sinfo: " + complaint(answer.output));
  std::vector<std::string> words = sbatch_words(options, limits);
  words.insert(words.end(), {"--test-only", "--time=1", "--wrap=true"});
  const base::ProcessResult test = base::run_process(words, {.folder = {}, .errors_too = true});
  if (!test.succeeded) throw base::InputError(kWhere, "sbatch", complaint(test.output));
}

ArrayLimits array_limits() {
  ArrayLimits limits;
  std::istringstream lines(base::run_process({"scontrol", "show", "config"}).output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, equals, value;
    words >> key >> equals >> value;
    const std::size_t number = task_number(value).value_or(0);
    if (key == "MaxArraySize" && number > 1) limits.tasks = number - 1;  // the largest index, and one more
    if (key == "MaxJobCount" && number > 0) limits.queued = number;
  }
  return limits;
}

std::string submit_array(const ArrayRequest& request, const SlurmOptions& options, const Limits& limits) {
  std::vector<std::string> words = sbatch_words(options, limits);
  const std::string throttle = options.throttle > 0 ? fmt::format("%{}", options.throttle) : "";
  words.insert(words.end(), {"--parsable", "--requeue", "--job-name=" + request.name, "--output=/dev/null",
                             fmt::format("--array=0-{}{}", request.tasks - 1, throttle),
                             fmt::format("--time={}", request.minutes), request.script.string()});
  const base::ProcessResult result = base::run_process(words, {.folder = {}, .errors_too = true});
  const std::string id = result.succeeded ? id_in(result.output) : "";
  if (id.empty()) throw base::InputError("--slurm", "sbatch", complaint(result.output));
  return id;
}

// A state of the documentation of squeue that is not listed here is one of those after which nothing comes.
bool QueueEntry::alive() const {
  constexpr std::array kAlive{"PENDING",      "RUNNING",     "COMPLETING",   "CONFIGURING", "SUSPENDED",
                              "REQUEUED",     "REQUEUE_FED", "REQUEUE_HOLD", "RESIZING",    "SIGNALING",
                              "SPECIAL_EXIT", "STAGE_OUT",   "STOPPED"};
  return std::ranges::find(kAlive, state) != kAlive.end();
}

// By name: the id of a job that the cluster has forgotten would be an error.
std::optional<Queue> queue_of(const std::vector<std::string>& names) {
  if (names.empty()) return Queue();
  const base::ProcessResult result = base::run_process(
      {"squeue", "--noheader", "--array", "--states=all", fmt::format("--name={}", fmt::join(names, ",")),
       "--Format=Name:80,ArrayJobID:20,ArrayTaskID:20,State:20,Reason:40"});
  if (!result.succeeded) return std::nullopt;
  Queue queue;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, place;
    QueueEntry entry;
    words >> name >> entry.array >> place >> entry.state >> entry.reason;
    if (const std::optional<std::size_t> number = task_number(place)) queue[{name, *number}] = entry;
  }
  return queue;
}

void cancel_array(const std::string& name, bool waiting_only) {
  std::vector<std::string> words{"scancel", "--name=" + name};
  if (waiting_only) words.emplace_back("--state=PENDING");
  (void)base::run_process(words);
}

void cancel_array_task(const std::string& id, std::size_t place) {
  (void)base::run_process({"scancel", fmt::format("{}_{}", id, place)});
}

}  // namespace systole::regress
