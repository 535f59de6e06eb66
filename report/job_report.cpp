// SPDX-License-Identifier: Apache-2.0
#include "report/job_report.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "base/input_error.h"
#include "regress/json_file.h"

namespace systole::report {

JobReport read_job_report(const std::filesystem::path& file) {
  JobReport report;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return report;
  try {
    regress::read_json_file(file, [&report](const nlohmann::ordered_json& json) {
      for (const auto& layer : json.at("layers"))
        report.layers.emplace_back(layer.at("name").get<std::string>(), layer.at("cycles").get<std::uint64_t>());
      for (const auto& [item, count] : json.at("exercised").items())
        report.exercised[item] = count.get<std::uint64_t>();
      json.at("not_exercised").get_to(report.not_exercised);
    });
  } catch (const base::InputError&) {
    return {};
  }
  return report;
}

void Coverage::add(const JobReport& report) {
  for (const auto& [item, count] : report.exercised) {
    met[item] += count;
    items.insert(item);
  }
  items.insert(report.not_exercised.begin(), report.not_exercised.end());
}

}  // namespace systole::report
