// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace systole::report {

/// Of a report of `systole run` (docs/report.md), what is added up and compared over several.
struct JobReport {
  std::vector<std::pair<std::string, std::uint64_t>> layers;  ///< name and cycles
  std::map<std::string, std::uint64_t> exercised;             ///< item and how often
  std::set<std::string> not_exercised;
};

/// Empty where there is no such file, as of a replay, or it is cut, as of a job that was killed.
[[nodiscard]] JobReport read_job_report(const std::filesystem::path& file);

/// What several reports met and did not meet.
struct Coverage {
  std::map<std::string, std::uint64_t> met;
  std::set<std::string> items;  ///< all, met or not
  void add(const JobReport& report);
};

}  // namespace systole::report
