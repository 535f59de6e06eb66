// SPDX-License-Identifier: Apache-2.0
#include "base/table.h"

#include <doctest/doctest.h>

#include <stdexcept>

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
