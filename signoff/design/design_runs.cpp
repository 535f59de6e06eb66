// SPDX-License-Identifier: Apache-2.0
#include "signoff/design/design_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/temporary_folder.h"
#include "regress/local_runner.h"
#include "sim/kernel/outcome.h"

namespace systole::signoff {
namespace {

using regress::JobResult;

/// What is wrong with the input is no verdict on the design; what the adapter objects to in its behaviour is one.
bool has_verdict(const JobResult& result) {
  if (result.verdict == regress::Verdict::passed) return true;
  if (result.verdict != regress::Verdict::failed) return false;
  return result.outcome != to_string(kernel::Outcome::bad_input) || result.line.starts_with("systole: adapter: ");
}

std::vector<std::string> with_seed(std::vector<std::string> words, const std::optional<std::uint64_t>& seed) {
  const auto option = std::ranges::find(words, "--seed");
  if (seed && option != words.end()) *(option + 1) = std::to_string(*seed);
  return words;
}

}  // namespace

JobResult DesignRuns::run(std::size_t i, const std::filesystem::path& program, const RunWith& with) const {
  const base::TemporaryFolder temporary;
  const regress::Job& job = jobs_.at(i);
  regress::Task task{.number = i,
                     .command = {"env", fmt::format("SYSTOLE_MUTANT={}", with.mutant), program.string()},
                     .folder = temporary.path() / "job"};
  const std::vector<std::string> words = with_seed(job.words, with.seed);
  task.command.insert(task.command.end(), words.begin(), words.end());
  if (words.front() == "run")
    task.command.insert(task.command.end(), {"--report", (task.folder / regress::kReport).string()});
  std::optional<regress::Task> next = task;
  JobResult result;
  regress::LocalRunner(1).run(
      {.next = [&next] { return std::exchange(next, std::nullopt); },
       .ended = [&](const regress::Task& ended,
                    const regress::Ending& ending) { result = judge(job, ended.folder, ending, limits_); }},
      limits_);
  if (has_verdict(result)) return result;
  throw std::runtime_error(result.last.empty() ? result.line : fmt::format("{}: {}", result.line, result.last));
}

}  // namespace systole::signoff
