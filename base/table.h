// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tables: on the terminal, as CSV and as JSON.
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace systole::base {

/// A number that was formatted by hand: "12.5%", "-" where there is none.
struct Figure {
  std::string text;
};

/// Nothing (an empty cell), a word, a count, or a figure.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double, Figure>;

struct Table {
  std::string name;                       ///< of the file: NAME.csv; of no use on the terminal
  std::vector<std::string> columns;       ///< with units where there are any: "size kB"
  std::vector<std::vector<Cell>> rows{};  ///< one cell per column
};

/// A cell as it is shown; a double with `decimals` decimals, or where that is negative in the shortest form that reads
/// back equal.
[[nodiscard]] std::string cell_text(const Cell& cell, int decimals);

/// For each column, whether it has a number, which stands to the right. Throws std::logic_error where a row has another
/// length.
[[nodiscard]] std::vector<bool> number_columns(const Table& table);

/// Columns aligned, words to the left and numbers to the right, doubles with `decimals` decimals; as terminal_text().
/// Ends with a newline. Throws std::logic_error where a row has another length.
std::string terminal_table(const Table& table, int decimals = 2);

/// RFC 4180 with line feeds: the header line, then the rows. Doubles in the shortest form that reads back equal.
/// Throws std::logic_error where a row has another length.
std::string csv_text(const Table& table);

/// {"version": 1, "tables": [{"name": ..., "columns": [...], "rows": [{column: value}, ...]}, ...]}, a line a row. An
/// empty cell is null, and so is a double that is not finite; a figure is its text. Throws std::logic_error where a row
/// has another length.
std::string json_text(std::span<const Table> tables);

}  // namespace systole::base
