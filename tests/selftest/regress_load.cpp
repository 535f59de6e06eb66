// SPDX-License-Identifier: Apache-2.0
// regress_load FOLDER COUNT WORKERS SECONDS: a campaign of so many jobs that sleep, as many times as there are results
// missing in FOLDER. Prints the ledger, the time and the memory that it took (docs/performance.md).
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "regress/campaign.h"
#include "regress/local_runner.h"

int main(int argc, char** argv) {
  using namespace systole;
  constexpr int kArguments = 5;
  if (argc != kArguments) return 2;
  const base::InterruptGuard guard;
  std::vector<regress::Job> jobs;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    regress::Job job;
    job.name = std::to_string(i);
    job.key = job.id = regress::short_sha256(job.name);
    job.program = "/bin/sh";
    job.words = {"-c", fmt::format("sleep {}", argv[4])};
    jobs.push_back(job);
  }
  regress::LocalRunner runner(std::atoi(argv[3]));
  const auto memory = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // kB
  };
  const long before = memory();
  const auto start = std::chrono::steady_clock::now();
  const regress::CampaignResult result = run_jobs(jobs, {}, argv[1], runner, {});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{}\n{:.2f} s, {} kB more than the {} kB of the list\n", result.ledger.text(), seconds, memory() - before,
             before);
  return result.objection.empty() && result.ledger.ended() == jobs.size() ? 0 : 1;
}
