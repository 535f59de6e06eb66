// SPDX-License-Identifier: Apache-2.0
#include "cli/import_arguments.h"

#include <fmt/format.h>

#include "base/output_file.h"

namespace systole::cli {

void print_steps(const std::string& name, const std::string& format, const model::Shape& input, std::size_t layers,
                 const std::vector<model::ImportStep>& steps) {
  fmt::print("{}: {}, input {} x {} x {}, {} layers\n", name, format, input.height, input.width, input.channels,
             layers);
  for (const model::ImportStep& step : steps) fmt::print("  {:>3} {:<20} {}\n", step.index, step.op, step.became);
}

nlohmann::json report_of(const std::string& source, const std::string& format, const std::string& name,
                         const std::vector<model::ImportStep>& steps) {
  nlohmann::json root{
      {"format", "systole-import"},      {"version", 1}, {"source", source}, {"kind", format}, {"network", name},
      {"steps", nlohmann::json::array()}};
  for (const model::ImportStep& step : steps) {
    root["steps"].push_back({{"index", step.index}, {"operator", step.op}, {"became", step.became}});
  }
  return root;
}

void write_report(const std::string& file, const nlohmann::json& report) {
  if (file.empty()) return;
  base::write_file_at_once(file, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace systole::cli
