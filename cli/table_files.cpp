// SPDX-License-Identifier: Apache-2.0
#include "cli/table_files.h"

#include <fmt/format.h>

#include "base/input_error.h"
#include "base/output_file.h"

namespace systole::cli {
namespace {

constexpr const char* kStandardOutput = "-";

void require_place(const std::string& file) {
  if (!file.empty() && file != kStandardOutput) base::require_place_for(file);
}

void write_text(const std::string& file, const std::string& text) {
  if (file == kStandardOutput) {
    fmt::print("{}", text);
  } else {
    base::write_file_at_once(file, text);
  }
}

}  // namespace

void TableFiles::require_places() const {
  if (json == kStandardOutput && csv == kStandardOutput)
    throw base::InputError("--csv", "", "standard output is that of --json; name a file");
  require_place(json);
  require_place(csv);
}

void TableFiles::write(std::span<const base::Table> tables) const {
  if (!json.empty()) write_text(json, json_text(tables));
  if (csv.empty()) return;
  std::string text;
  for (const base::Table& table : tables) text += (text.empty() ? "" : "\n") + csv_text(table);
  write_text(csv, text);
}

void add_table_options(CLI::App& command, TableFiles& files) {
  command.add_option("--json", files.json, "Write what it prints as JSON; -: to standard output, and nothing else")
      ->type_name("FILE");
  command.add_option("--csv", files.csv, "The same as CSV")->type_name("FILE");
}

}  // namespace systole::cli
