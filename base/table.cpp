// SPDX-License-Identifier: Apache-2.0
#include "base/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/csv.h"

namespace systole::base {
namespace {

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell) ||
         std::holds_alternative<Figure>(cell);
}

/// `decimals` < 0: the shortest text that reads back equal.
std::string text_of(const Cell& cell, int decimals) {
  if (const auto* word = std::get_if<std::string>(&cell)) return *word;
  if (const auto* figure = std::get_if<Figure>(&cell)) return figure->text;
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *count);
  if (const auto* figure = std::get_if<double>(&cell))
    return decimals < 0 ? fmt::format("{}", *figure) : fmt::format("{:.{}f}", *figure, decimals);
  return {};
}

void check_rows(const Table& table) {
  for (const auto& row : table.rows) {
    if (row.size() != table.columns.size()) throw std::logic_error("table " + table.name + ": a row of another length");
  }
}

}  // namespace

std::string terminal_table(const Table& table, int decimals) {
  check_rows(table);
  const std::size_t columns = table.columns.size();
  std::vector<std::size_t> width(columns);
  std::vector<bool> right(columns, false);
  for (std::size_t c = 0; c < columns; ++c) {
    width[c] = table.columns[c].size();
    for (const auto& row : table.rows) {
      width[c] = std::max(width[c], text_of(row[c], decimals).size());
      right[c] = right[c] || is_number(row[c]);
    }
  }
  std::string text;
  const auto line = [&](const auto& cell_text) {
    std::string cells;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string cell = cell_text(c);
      cells += c == 0 ? "" : "  ";
      cells += right[c] ? fmt::format("{:>{}}", cell, width[c]) : fmt::format("{:<{}}", cell, width[c]);
    }
    text += cells.erase(cells.find_last_not_of(' ') + 1) + "\n";
  };
  line([&](std::size_t c) { return table.columns[c]; });
  for (const auto& row : table.rows) line([&](std::size_t c) { return text_of(row[c], decimals); });
  return text;
}

std::string csv_text(const Table& table) {
  check_rows(table);
  std::string text;
  const auto line = [&](const auto& cell_text) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (c > 0) text += ',';
      text += csv_field(cell_text(c));
    }
    text += "\n";
  };
  line([&](std::size_t c) { return table.columns[c]; });
  for (const auto& row : table.rows) line([&](std::size_t c) { return text_of(row[c], -1); });
  return text;
}

}  // namespace systole::base
