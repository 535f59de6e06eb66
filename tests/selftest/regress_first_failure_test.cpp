// SPDX-License-Identifier: Apache-2.0
// How soon a plan of 300 jobs, a few of which fail, says so: in its first run and, once the failures are known, in the
// next.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/selftest/regress_faulty.h"
#include "tests/support/temporary_folder.h"

namespace systole::test {
namespace {

using namespace systole::regress;

/// The jobs of a run as they ended, and when the first failure was there.
struct Heard {
  std::vector<bool> failed;
  double seconds = -1;  ///< until the first failure; -1: there was none

  [[nodiscard]] std::ptrdiff_t first() const { return std::ranges::find(failed, true) - failed.begin(); }
  [[nodiscard]] std::ptrdiff_t last() const {
    return std::find(failed.rbegin(), failed.rend(), true).base() - failed.begin();
  }
};

Heard run(const FaultyRegression& regression) {
  using Clock = std::chrono::steady_clock;
  Heard heard;
  const auto start = Clock::now();
  (void)regression.run(
      {.wrong =
           [&](const Job&, const JobResult&) {
             if (heard.seconds < 0) heard.seconds = std::chrono::duration<double>(Clock::now() - start).count();
           },
       .progress = {},
       .ended = [&](const Job&, const JobResult& result) { heard.failed.push_back(is_wrong(result.verdict)); }});
  return heard;
}

TEST_CASE("selftest.regress.first_failure_comes_early") {
  constexpr std::ptrdiff_t kJobs = 300, kCombinations = 20, kWorkers = 2;
  constexpr double kSeconds = 20;
  const TemporaryFolder folder;
  base::write_file(folder / "plan.json",
                   R"({"version": 1, "name": "first", "blocks": [{"networks": ["models/lenet"], "designs": ["4x4"],
                       "layers": ["conv2", "fc1", "fc2", "fc3"], "stalls": ["none", "in", "out", "both", "bursts"],
                       "seeds": ["1-15"], "images": [0]}]})");
  // All seeds of the last combination, and one job in the middle of the plan.
  const FaultyRegression regression{
      .folder = folder.path(),
      .script = faulty_script(folder / "program",
                              "case \"$*\" in *\"--layer fc3 \"*\"--stall bursts\"*|*\"--layer fc3 \"*\"--stall none "
                              "--seed 9 \"*|*rerun*) SYSTOLE_FAULT=output_lane.bias_ignored;; esac")};
  const Heard first = run(regression);
  REQUIRE(first.failed.size() == kJobs);
  const std::ptrdiff_t failures = std::ranges::count(first.failed, true);
  MESSAGE(fmt::format("{} of {} jobs fail; first failure: job {} after {:.1f} s", failures, kJobs, first.first() + 1,
                      first.seconds));
  CHECK(failures == 16);
  CHECK(first.first() < kCombinations + kWorkers);  // each combination once before any comes twice
  CHECK(first.seconds >= 0);
  CHECK(first.seconds <= kSeconds);
  const Heard second = run(regression);
  REQUIRE(second.failed.size() == kJobs);
  MESSAGE(fmt::format("known: job {} after {:.1f} s", second.first() + 1, second.seconds));
  CHECK(second.first() < kJobs / 100);
  CHECK(second.last() <= failures + kWorkers);  // all that are known, before any other
  CHECK(std::ranges::count(second.failed, true) == failures);
  CHECK(second.seconds >= 0);
  CHECK(second.seconds <= kSeconds);
}

}  // namespace
}  // namespace systole::test
