// SPDX-License-Identifier: Apache-2.0
#pragma once
// A regression with everything that a page shows, and texts that a browser could take for something else.
#include <fmt/format.h>

#include <string>

#include "regress/summary.h"

namespace systole::test {

inline regress::Job wide_job(std::size_t i) {
  using regress::Axis;
  constexpr const char* kStalls[] = {"none", "in", "out", "both", "bursts"};
  regress::Job job;
  job.at[Axis::network] = fmt::format("models/<network> & \"{}\"", i % 12);
  job.at[Axis::design] = i % 3 == 0 ? "8x8" : "dut:a_design_with_a_rather_long_name_of_its_own";
  job.at[Axis::stall] = kStalls[i % 5];
  job.name = fmt::format("{} {} stall {} seed {}", job.at[Axis::network], job.at[Axis::design], job.at[Axis::stall], i);
  job.key = job.id = regress::short_sha256(job.name);
  return job;
}

inline regress::JobResult wide_result(std::size_t i) {
  using regress::Verdict;
  regress::JobResult result;
  result.verdict = i % 4 == 0    ? Verdict::failed
                   : i % 7 == 0  ? Verdict::lost
                   : i % 11 == 0 ? Verdict::skipped
                                 : Verdict::passed;
  result.outcome = std::string(to_string(result.verdict));
  result.seconds = static_cast<double>(i) / 8;
  result.cycles = 1000 * i;
  result.attempts = 1;
  if (result.verdict == Verdict::failed) {
    result.outcome = "mismatch";
    result.kind = i % 8 == 0 ? "conv2d" : "add";
    result.origin = fmt::format("u_array.g_row[].g_col[].u_c.register_{}_q", i % 9);
    result.line = fmt::format("run.net.conv1.stall_none  u_array.g_row[0].g_col[0].u_c.act_q  cycle {}  rtl 1", i);
    result.token = fmt::format("S1-00000000-fbeb8a7a-8x8-{}-none-0-all", i);
  }
  if (result.verdict == Verdict::lost) {
    result.line = "signal 11 (Segmentation fault)";
    result.last = "line\n<script>alert(1)</script>";
  }
  return result;
}

inline regress::Summary wide_regression(std::size_t jobs) {
  using namespace regress;
  Summary summary;
  summary.plan = "nightly";
  summary.started = "2026-11-29 22:21:37";
  summary.run = 7;
  summary.seconds = 123;
  summary.ledger = Ledger(jobs);
  Known known;
  for (std::size_t i = 0; i < jobs; ++i) {
    const Job job = wide_job(i);
    const JobResult result = wide_result(i);
    summary.ledger.add(result.verdict);
    // One in five ran before: of the same design or of another, passed or as now.
    const bool failed_before = i % 10 == 0;
    if (i % 5 == 0) {
      known[job.key] = {.id = i % 3 == 0 ? job.id : "other",
                        .verdict = failed_before ? Verdict::failed : Verdict::passed,
                        .signature = failed_before ? to_string(signature_of(job, result)) : "",
                        .seconds = 1};
    }
    summary.trends.push_back(trend_of(job, result, known));
    summary.jobs.push_back(job);
    summary.results.push_back(result);
  }
  summary.groups = groups_of(summary.jobs, summary.results, known);
  return summary;
}

}  // namespace systole::test
