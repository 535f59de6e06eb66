// SPDX-License-Identifier: Apache-2.0
#include "cli/table_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/output_file.h"

namespace systole::cli {
namespace {

constexpr const char* kStandardOutput = "-";

void require_place(const std::string& file) {
  if (!file.empty() && file != kStandardOutput) base::require_place_for(file);
}

int tables_to = STDOUT_FILENO;  ///< what standard output was when the process began

/// What is printed goes to standard error from now on, or nowhere.
void take_output(bool quiet) {
  if (tables_to != STDOUT_FILENO) return;
  std::fflush(stdout);
  tables_to = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int nowhere = quiet ? ::open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
  if (tables_to < 0 || (quiet && nowhere < 0) || ::dup2(quiet ? nowhere : STDERR_FILENO, STDOUT_FILENO) < 0)
    throw std::system_error(errno, std::generic_category(), "standard output");
  if (quiet) ::close(nowhere);
}

void write_output(std::string_view text) {
  std::fflush(stdout);  // an error's line is the last one
  while (!text.empty()) {
    const ssize_t n = ::write(tables_to, text.data(), text.size());
    if (n < 0 && errno != EINTR) throw base::InputError("standard output", "", std::generic_category().message(errno));
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  }
}

void write_text(const std::string& file, const std::string& text) {
  if (file == kStandardOutput) {
    write_output(text);
  } else {
    base::write_file_at_once(file, text);
  }
}

}  // namespace

void TableFiles::open() const {
  if (json == kStandardOutput && csv == kStandardOutput)
    throw base::InputError("--csv", "", "standard output is that of --json; name a file");
  require_place(json);
  require_place(csv);
  if (quiet || json == kStandardOutput || csv == kStandardOutput) take_output(quiet);
}

void TableFiles::write(std::span<const base::Table> tables) const {
  if (!json.empty()) write_text(json, json_text(tables));
  if (csv.empty()) return;
  std::string text;
  for (const base::Table& table : tables) text += (text.empty() ? "" : "\n") + csv_text(table);
  write_text(csv, text);
}

void give_output_back() {
  if (tables_to == STDOUT_FILENO) return;
  if (::dup2(tables_to, STDOUT_FILENO) < 0) throw std::system_error(errno, std::generic_category(), "standard output");
  ::close(std::exchange(tables_to, STDOUT_FILENO));
}

void add_table_options(CLI::App& command, TableFiles& files) {
  add_table_files(command, files);
  command.add_flag("--quiet", files.quiet, "Print nothing but errors: the exit code says the verdict");
}

void add_table_files(CLI::App& command, TableFiles& files) {
  command
      .add_option("--json", files.json,
                  "Write its tables as JSON; -: to standard output, and what is printed to standard error")
      ->type_name("FILE");
  command.add_option("--csv", files.csv, "The same as CSV")->type_name("FILE");
}

}  // namespace systole::cli
