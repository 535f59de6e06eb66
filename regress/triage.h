// SPDX-License-Identifier: Apache-2.0
#pragma once
// Failures put together by what they look like, and compared with the last time that the same jobs ran.
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regress/job.h"
#include "regress/result.h"

namespace systole::regress {

/// What failures of one fault have in common.
struct Signature {
  std::string design, kind;  ///< kind of the layer; "set" for a replay; empty where no layer failed
  std::string outcome;
  std::string origin;  ///< the first wrong value, without places; of a refused or lost job, why
  std::string also;    ///< what else was wrong in that cycle
  auto operator<=>(const Signature&) const = default;
};
[[nodiscard]] Signature signature_of(const Job& job, const JobResult& result);
/// "8x8 conv2d mismatch u_array.g_row[].g_col[].u_c.act_q"
[[nodiscard]] std::string to_string(const Signature& signature);

/// A job as it ended in an earlier run.
struct KnownJob {
  std::string id;
  Verdict verdict = Verdict::passed;
  std::string signature;  ///< as text; empty where it passed
  double seconds = 0;
};
/// The last result of every job, by key.
using Known = std::map<std::string, KnownJob>;

enum class Trend : std::uint8_t {
  none,   ///< passed, as before or for the first time; or did not run
  fresh,  ///< failed, and did not before
  still,  ///< failed before too
  fixed,  ///< passed, and failed before
  flaky,  ///< another result for the same RTL, network and arguments; or a failure that did not repeat
};
[[nodiscard]] std::string_view to_string(Trend trend);
/// Throws std::invalid_argument.
[[nodiscard]] Trend trend_from(std::string_view text);

/// Of a job's result against the last one.
[[nodiscard]] Trend trend_of(const Job& job, const JobResult& result, const Known& known);

struct Group {
  Signature signature;
  std::vector<std::size_t> jobs;  ///< in the plan's order; the first represents them
  Trend trend = Trend::fresh;     ///< flaky where one of its jobs is; still where an earlier run has the signature
  std::string folder;             ///< of the representative's failure, or empty
  int repeated = 0;               ///< how often the representative has shown its line again (rerun_groups)
};

/// Jobs that failed or were lost, grouped by signature: new groups first, then flaky ones, then the others, larger ones
/// before smaller. `results` are those of `jobs`, by place.
[[nodiscard]] std::vector<Group> groups_of(std::span<const Job> jobs, std::span<const JobResult> results,
                                           const Known& known);
/// The same order once more, where trends have changed.
void sort_groups(std::vector<Group>& groups);

}  // namespace systole::regress
