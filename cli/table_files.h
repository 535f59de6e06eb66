// SPDX-License-Identifier: Apache-2.0
#pragma once
// --json, --csv and --quiet of the commands that print tables.
#include <CLI/CLI.hpp>
#include <span>
#include <string>

#include "base/table.h"

namespace systole::cli {

/// Where a command's tables go besides the terminal: a file, or "-" for standard output.
struct TableFiles {
  std::string json, csv;
  bool quiet = false;  ///< nothing is printed but errors
  /// To be called before the work, and before anything is printed: where one is "-", what is printed from then on goes
  /// to standard error, and nowhere where it is to be quiet. Throws base::InputError where a file cannot be written, or
  /// both want standard output.
  void open() const;
  /// As csv_text() and json_text() have them; several tables in one CSV are apart by an empty line. Throws
  /// base::InputError.
  void write(std::span<const base::Table> tables) const;
  void write(const base::Table& table) const { write(std::span(&table, 1)); }
};

/// Standard output is again what it was, for another program that takes this one's place and opens its own.
void give_output_back();

void add_table_options(CLI::App& command, TableFiles& files);
/// Without --quiet, for a command that has one of its own.
void add_table_files(CLI::App& command, TableFiles& files);

}  // namespace systole::cli
