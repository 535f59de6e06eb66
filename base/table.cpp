// SPDX-License-Identifier: Apache-2.0
#include "base/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/csv.h"
#include "base/quote.h"

namespace systole::base {
namespace {

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell) ||
         std::holds_alternative<Figure>(cell);
}

nlohmann::ordered_json json_cell(const Cell& cell) {
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return *count;
  if (const auto* number = std::get_if<double>(&cell)) return *number;  // dumped as null where it is not finite
  if (std::holds_alternative<std::monostate>(cell)) return nullptr;
  return cell_text(cell, -1);
}

/// One line; bytes that are no UTF-8 become U+FFFD.
std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void check_rows(const Table& table) {
  for (const auto& row : table.rows) {
    if (row.size() != table.columns.size()) throw std::logic_error("table " + table.name + ": a row of another length");
  }
}

}  // namespace

std::string cell_text(const Cell& cell, int decimals) {
  if (const auto* word = std::get_if<std::string>(&cell)) return *word;
  if (const auto* figure = std::get_if<Figure>(&cell)) return figure->text;
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *count);
  if (const auto* figure = std::get_if<double>(&cell))
    return decimals < 0 ? fmt::format("{}", *figure) : fmt::format("{:.{}f}", *figure, decimals);
  return {};
}

std::vector<bool> number_columns(const Table& table) {
  check_rows(table);
  std::vector<bool> number(table.columns.size(), false);
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) number[c] = number[c] || is_number(row[c]);
  }
  return number;
}

std::string terminal_table(const Table& table, int decimals) {
  const std::vector<bool> right = number_columns(table);
  const std::size_t columns = table.columns.size();
  const auto shown = [decimals](const Cell& cell) { return terminal_text(cell_text(cell, decimals)); };
  std::vector<std::size_t> width(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    width[c] = table.columns[c].size();
    for (const auto& row : table.rows) width[c] = std::max(width[c], shown(row[c]).size());
  }
  std::string text;
  const auto line = [&](const auto& text_of) {
    std::string cells;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string cell = text_of(c);
      cells += c == 0 ? "" : "  ";
      cells += right[c] ? fmt::format("{:>{}}", cell, width[c]) : fmt::format("{:<{}}", cell, width[c]);
    }
    text += cells.erase(cells.find_last_not_of(' ') + 1) + "\n";
  };
  line([&](std::size_t c) { return table.columns[c]; });
  for (const auto& row : table.rows) line([&](std::size_t c) { return shown(row[c]); });
  return text;
}

std::string csv_text(const Table& table) {
  check_rows(table);
  std::string text;
  const auto line = [&](const auto& text_of) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (c > 0) text += ',';
      text += csv_field(text_of(c));
    }
    text += "\n";
  };
  line([&](std::size_t c) { return table.columns[c]; });
  for (const auto& row : table.rows) line([&](std::size_t c) { return cell_text(row[c], -1); });
  return text;
}

std::string json_text(std::span<const Table> tables) {
  std::string text = "{\"version\": 1, \"tables\": [";
  for (const Table& table : tables) {
    check_rows(table);
    text += &table == tables.data() ? "\n" : ",\n";
    text +=
        fmt::format(" {{\"name\": {}, \"columns\": {}, \"rows\": [", json_line(table.name), json_line(table.columns));
    for (const auto& row : table.rows) {
      nlohmann::ordered_json object = nlohmann::ordered_json::object();
      for (std::size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = json_cell(row[c]);
      text += (&row == table.rows.data() ? "\n  " : ",\n  ") + json_line(object);
    }
    text += "\n ]}";
  }
  return text + "\n]}\n";
}

}  // namespace systole::base
