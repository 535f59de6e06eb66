// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run leaves at its end: a screen of text, summary.json, junit.xml and regress.html (docs/regress.md). All but
// times is the same for the same results.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "regress/job.h"
#include "regress/ledger.h"
#include "regress/past_run.h"
#include "regress/result.h"
#include "regress/triage.h"

namespace systole::regress {

/// Of a run, the worst first.
enum class RunVerdict : std::uint8_t {
  lost,        ///< a job is, or the ledger does not close
  cancelled,   ///< a signal ended it
  failed,      ///< a job did
  flaky,       ///< a job had another result before, of the same RTL, network and arguments
  unfinished,  ///< nothing is wrong, but jobs were skipped
  passed
};
[[nodiscard]] std::string_view to_string(RunVerdict verdict);

struct Summary {
  std::string plan, started;  ///< as RunStart::started
  int run = 0;
  double seconds = 0;
  std::vector<Job> jobs;
  std::vector<JobResult> results;  ///< of the jobs, by place
  std::vector<Trend> trends;       ///< of the jobs, by place
  std::vector<Group> groups;
  Ledger ledger{0};
  std::string objection;  ///< why the ledger does not close, or empty
};

/// From what its parts hold.
[[nodiscard]] RunVerdict verdict_of(const Summary& summary);
/// Exit code of the command line, of a signal where one ended the run.
[[nodiscard]] int exit_code(RunVerdict verdict);
/// "12 of 120 jobs failed or lost, in 2 groups, 1 new"
[[nodiscard]] std::string verdict_note(const Summary& summary);
/// Places of the jobs of that trend.
[[nodiscard]] std::vector<std::size_t> jobs_with(const Summary& summary, Trend trend);

/// What a user types to see the failure again; empty where the summary is of a run that did not keep it. `command`
/// starts this program.
[[nodiscard]] std::string rerun_command(const Job& job, const JobResult& result, const std::string& command);

/// At most a screen: the groups of failures, the ledger, the verdict. `command` starts this program.
[[nodiscard]] std::string summary_text(const Summary& summary, const std::string& command);
[[nodiscard]] std::string summary_json(const Summary& summary);
/// A case a job.
[[nodiscard]] std::string summary_junit(const Summary& summary);
/// An HTML page in the folder `run`, to whose files it links. `past`: this run and those before it, the newest first,
/// whose times and coverage it shows; empty: it shows none.
[[nodiscard]] std::string summary_page(const Summary& summary, const std::filesystem::path& run,
                                       const std::string& command, const std::vector<PastRun>& past = {});

/// Writes the three files into the folder of the run. Throws base::InputError.
void write_summary(const Summary& summary, const std::filesystem::path& run, const std::string& command);
/// The page alone; gives its place. Throws base::InputError.
std::filesystem::path write_page(const Summary& summary, const std::filesystem::path& run, const std::string& command,
                                 const std::vector<PastRun>& past);

/// What write_summary() wrote into the folder; jobs come without programs and command lines. Of a run that has none
/// (it goes on, or was killed), the results that are kept; the other jobs are cancelled, and there are neither trends
/// nor groups. Throws base::InputError.
[[nodiscard]] Summary read_summary(const std::filesystem::path& run);

}  // namespace systole::regress
