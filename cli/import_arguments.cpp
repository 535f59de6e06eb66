// SPDX-License-Identifier: Apache-2.0
#include "cli/import_arguments.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/output_file.h"

namespace systole::cli {

base::Table step_table(const std::vector<model::ImportStep>& steps) {
  base::Table table{"steps", {"place", "operator", "became"}, {}};
  for (const model::ImportStep& step : steps)
    table.rows.push_back({static_cast<std::int64_t>(step.index), step.op, step.became});
  return table;
}

void print_steps(const std::string& name, const std::string& format, const model::Shape& input, std::size_t layers,
                 const std::vector<model::ImportStep>& steps) {
  fmt::print("{}: {}, input {} x {} x {}, {} layers\n", name, format, input.height, input.width, input.channels,
             layers);
  for (const model::ImportStep& step : steps) fmt::print("  {:>3} {:<20} {}\n", step.index, step.op, step.became);
}

void write_report(const std::string& file, const std::string& source, const std::string& format,
                  const std::string& name, const std::vector<model::ImportStep>& steps,
                  const std::string& differences) {
  if (file.empty()) return;
  nlohmann::json root{
      {"format", "systole-import"},      {"version", 1}, {"source", source}, {"kind", format}, {"network", name},
      {"steps", nlohmann::json::array()}};
  for (const model::ImportStep& step : steps) {
    root["steps"].push_back({{"index", step.index}, {"operator", step.op}, {"became", step.became}});
  }
  if (!differences.empty()) root["differences"] = nlohmann::json::parse(differences);
  base::write_file_at_once(file, root.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace systole::cli
