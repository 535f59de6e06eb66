// SPDX-License-Identifier: Apache-2.0
#pragma once
// Regressions of the program in which faults are planted: a script in its place wakes one, or none.
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "base/output_file.h"
#include "regress/local_runner.h"
#include "regress/regression.h"

namespace systole::test {

/// A file that runs the program with its arguments. `wake`: lines of a shell before that, which may set SYSTOLE_FAULT
/// to the name of a fault of faults.tsv; the arguments are in "$*".
inline std::filesystem::path faulty_script(const std::filesystem::path& file, const std::string& wake) {
  base::write_file(file,
                   fmt::format("#!/bin/sh\n{}\nexport SYSTOLE_FAULT\nexec {} \"$@\"\n", wake, SYSTOLE_FAULTY_PROGRAM));
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

/// A run of plan.json in a folder of regressions, as `systole regress` would have it, with the script as the program
/// of every design.
struct FaultyRegression {
  std::filesystem::path folder, script;

  [[nodiscard]] regress::Summary run(const regress::CampaignNews& news = {}, int workers = 2) const {
    const regress::Plan plan = regress::read_plan(folder / "plan.json", "4x4");
    const regress::Store store(folder / "report");
    const auto lock = store.lock();
    const regress::Run run = begin_run(
        store, plan,
        [this](const std::string&, const regress::Block&, const std::filesystem::path&) {
          return regress::DesignFacts{.program = script, .replayer = {}, .hashes = "the same"};
        },
        false);
    regress::LocalRunner runner(workers);
    regress::Summary summary =
        finish_run(run, plan, run_jobs(run.jobs, run.known, run.folder, runner, {}, news), runner, 0);
    write_summary(summary, run.folder, script.string());
    return summary;
  }
};

}  // namespace systole::test
