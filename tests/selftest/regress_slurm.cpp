// SPDX-License-Identifier: Apache-2.0
// regress_slurm FOLDER TASK EXPECTED MEMORY [WORD ...] <SCRIPTS: a campaign on Slurm. Each line of the standard input
// is a job, a script of a shell; those that have a result in FOLDER are not run. TASK: least seconds of an array task;
// EXPECTED: seconds of a job as if it were known, 0: it is not; MEMORY: limit of a job in MB, 0: none; WORDs are more
// of sbatch. Prints what the runner tells, the jobs that did not pass, and the ledger. Exit code: 0 the ledger closes,
// 1 it does not, 2 refused. regress_slurm regress-chunk ARRAY PLACE: what the nodes call.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "regress/campaign.h"
#include "regress/chunk.h"
#include "regress/slurm_runner.h"

namespace {

using namespace systole;

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

int campaign(const std::vector<std::string>& words) {
  const base::InterruptGuard guard;
  std::vector<regress::Job> jobs;
  regress::Known known;
  for (std::string script; std::getline(std::cin, script);) {
    regress::Job job;
    job.name = fmt::format("job {}", jobs.size());
    job.key = job.id = regress::short_sha256(job.name);
    job.program = "/bin/sh";
    job.words = {"-c", script};
    if (const double expected = std::stod(words[2]); expected > 0)
      known[job.key] = {.id = job.id, .verdict = regress::Verdict::passed, .signature = "", .seconds = expected};
    jobs.push_back(job);
  }
  regress::SlurmOptions options;
  options.task = std::chrono::seconds(std::stoi(words[1]));
  options.poll = std::chrono::seconds(1);
  options.late = std::chrono::seconds(3);
  options.words.assign(words.begin() + 4, words.end());
  regress::SlurmRunner runner(words[0] + "/slurm", std::filesystem::read_symlink("/proc/self/exe"), options, say);
  regress::CampaignOptions limits;
  limits.limits = {.seconds = 60, .memory_mb = std::stoi(words[3])};
  const auto start = std::chrono::steady_clock::now();
  const regress::CampaignResult result = run_jobs(jobs, known, words[0], runner, limits);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const regress::JobResult& one = result.results[i];
    if (one.verdict == regress::Verdict::failed || one.verdict == regress::Verdict::lost)
      say(fmt::format("{}: {} after {}: {}", to_string(one.verdict), jobs[i].name, one.attempts, one.line));
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  say(fmt::format("{}\n{:.1f} s{}", result.ledger.text(), seconds, result.objection));
  return result.objection.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  constexpr std::size_t kWords = 4;
  try {
    if (words.size() == 3 && words[0] == "regress-chunk") return regress::run_chunk(words[1], std::stoul(words[2]));
    return words.size() < kWords ? 2 : campaign(words);
  } catch (const base::InputError& error) {
    say(error.what());
    return 2;
  }
}
