// SPDX-License-Identifier: Apache-2.0
#pragma once
// An index of a folder of regressions, FOLDER/index.sqlite: what the summaries of its runs say, in a form that answers
// questions about many of them at once. It is made from their files, brought up to date with them each time that it is
// opened, and may be deleted at any time.
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "regress/past_run.h"
#include "report/database.h"

namespace systole::report {

/// Which jobs are meant; what is empty means any.
struct Asked {
  std::string network{};  ///< or set of vectors, as the plan spells it
  std::string design{};
  std::string job{};    ///< key or name
  std::string token{};  ///< the jobs that failed with it, wherever else they ran
  [[nodiscard]] bool anything() const { return !(network + design + job + token).empty(); }
};

class Index {
 public:
  static constexpr std::chrono::milliseconds kPatience{30'000};
  /// Reads the runs that are new or have changed, and forgets those that are gone. An index that is damaged or of
  /// another version is made anew; where none can be written (no room, no rights) it is made in memory. Several may be
  /// opened at a time, and while a run goes on: each waits for the one before, and makes its own in memory, with a line
  /// on standard error, where that takes longer than `patience`. Throws base::InputError where the folder has no runs,
  /// base::Interrupted.
  explicit Index(const std::filesystem::path& folder, std::chrono::milliseconds patience = kPatience);

  /// The newest runs, the newest first.
  [[nodiscard]] std::vector<regress::PastRun> runs(std::size_t most) const;
  /// Of these runs, those that planned a job that is meant, with the counts, times and cycles of such jobs alone;
  /// `line` of the first of them that failed or was lost.
  struct Said {
    regress::PastRun run;
    std::string line;
  };
  [[nodiscard]] std::vector<Said> said(const Asked& asked, std::size_t most) const;

  /// Whether FOLDER/index.sqlite holds it.
  [[nodiscard]] bool kept() const { return kept_; }

 private:
  void open_file(const std::filesystem::path& file);
  void update();
  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
  bool kept_ = false;
};

/// For the page of a run: it and those before it that lie beside it, the newest first; 40 at most.
[[nodiscard]] std::vector<regress::PastRun> runs_up_to(const std::filesystem::path& run, int number);

}  // namespace systole::report
