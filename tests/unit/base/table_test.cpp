// SPDX-License-Identifier: Apache-2.0
#include "base/table.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using systole::base::Figure;
using systole::base::Table;

namespace {

Table mixed_table() {
  return {"t",
          {"layer", "bits", "loss"},
          {{std::string("fc1"), std::int64_t{8}, 0.1}, {std::string("a,\"b\""), std::int64_t{16}, {}}}};
}

}  // namespace

TEST_CASE("base.terminal_table.aligns_words_left_and_numbers_right") {
  CHECK(terminal_table(mixed_table(), 3) == "layer  bits   loss\nfc1       8  0.100\na,\"b\"    16\n");
}

TEST_CASE("base.csv_text.quotes_and_keeps_every_digit") {
  CHECK(csv_text(mixed_table()) == "layer,bits,loss\nfc1,8,0.1\n\"a,\"\"b\"\"\",16,\n");
}

TEST_CASE("base.csv_text.row_of_another_length") {
  Table table = mixed_table();
  table.rows[1].pop_back();
  CHECK_THROWS_AS((void)csv_text(table), std::logic_error);
}

TEST_CASE("base.terminal_table.figure_is_a_number") {
  const Table table{"", {"layer", "busy"}, {{std::string("fc1"), Figure{"5%"}}, {std::string("fc2"), Figure{"-"}}}};
  CHECK(terminal_table(table) == "layer  busy\nfc1      5%\nfc2       -\n");
}

TEST_CASE("base.terminal_table.obeys_no_control_characters") {
  CHECK(systole::base::terminal_table({"", {"layer"}, {{std::string("a\x1b[2Jb")}}}) == "layer\na [2Jb\n");
}

TEST_CASE("base.json_text.values_and_nothing") {
  const Table odd{
      "odd", {"value"}, {{Figure{"5%"}}, {std::numeric_limits<double>::infinity()}, {std::string("\"\xff\n")}}};
  CHECK(systole::base::json_text(std::vector{mixed_table(), odd}) ==
        "{\"version\": 1, \"tables\": [\n"
        " {\"name\": \"t\", \"columns\": [\"layer\",\"bits\",\"loss\"], \"rows\": [\n"
        "  {\"layer\":\"fc1\",\"bits\":8,\"loss\":0.1},\n"
        "  {\"layer\":\"a,\\\"b\\\"\",\"bits\":16,\"loss\":null}\n ]},\n"
        " {\"name\": \"odd\", \"columns\": [\"value\"], \"rows\": [\n"
        "  {\"value\":\"5%\"},\n  {\"value\":null},\n  {\"value\":\"\\\"\xEF\xBF\xBD\\n\"}\n ]}\n]}\n");
  CHECK(nlohmann::json::parse(systole::base::json_text({}))["tables"].empty());
  Table table = mixed_table();
  table.rows[1].pop_back();
  CHECK_THROWS_AS((void)systole::base::json_text(std::vector{table}), std::logic_error);
}
