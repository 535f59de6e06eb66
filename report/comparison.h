// SPDX-License-Identifier: Apache-2.0
#pragma once
// Two runs compared: verdicts of the same jobs, cycles of layers, what was exercised, mutants killed, speed.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "report/mutation_score.h"

namespace systole::report {

struct ComparedJob {
  std::string key{};  ///< the same in both runs: the same job
  std::string id{};   ///< the same too: of the same RTL, network and arguments; empty: not known
  std::string name{}, verdict{}, line{};
  std::string group{};  ///< network and design, in front of its layers' names
  std::uint64_t cycles = 0;
  double seconds = 0;
  bool drawn = false;              ///< of a seed that each run draws for itself
  std::filesystem::path report{};  ///< file; may be missing
};

struct ComparedRun {
  std::string name{};  ///< as the user has it
  std::vector<ComparedJob> jobs{};
  std::set<std::string> only{};  ///< keys of the jobs that were asked for; empty: all
  bool regression = true;        ///< false: a report of `systole run`
  std::optional<MutationScore> mutation{};
};

/// Whether a place is meant to be a run: the folder of one, DIR, DIR:N, or a file of JSON.
[[nodiscard]] bool names_run(const std::string& place);

/// The run in its folder, DIR:N run N in a folder of regressions, DIR its newest, FILE a report of `systole run`.
/// Throws base::InputError.
[[nodiscard]] ComparedRun read_compared(const std::string& place);

enum class Change : std::uint8_t {
  new_failure,  ///< passed or did not run, and now failed or is lost
  vanished,     ///< was planned, and is no more though the second run was asked for all
  flaky,        ///< another result of the same RTL, network and arguments
  not_run,      ///< skipped or cancelled, and ended before or is new
  left_out,     ///< the second run was not asked for it, or its seed was drawn
  fixed,        ///< did not pass, and now does
  added,        ///< was not planned, and passed
  cycles,
  coverage,
  mutation,
  speed
};
[[nodiscard]] std::string_view to_string(Change change);

struct Difference {
  Change change;
  std::string of, a, b;  ///< what differs, and what each run says of it
  std::string note{};    ///< failure line; how much
};

struct Comparison {
  std::string a, b;                     ///< names of the runs
  std::vector<Difference> differences;  ///< by kind of change, then as the runs have them
  std::size_t same = 0;                 ///< jobs with the same verdict
  [[nodiscard]] std::size_t count(Change change) const;
};

/// Throws base::InputError where one is a report and the other is not.
[[nodiscard]] Comparison compare_runs(const ComparedRun& a, const ComparedRun& b);

/// 1: a job failed newly, vanished or is flaky; 3: none did, but one did not run that did before; 0 otherwise.
[[nodiscard]] int exit_code(const Comparison& comparison);

/// A row a difference; `most` of each kind, all where it is 0.
[[nodiscard]] base::Table comparison_table(const Comparison& comparison, std::size_t most = 0);
/// "worse: 2 new failures, 1 vanished; 30 jobs ended alike"
[[nodiscard]] std::string comparison_note(const Comparison& comparison);

}  // namespace systole::report
