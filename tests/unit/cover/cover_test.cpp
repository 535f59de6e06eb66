// SPDX-License-Identifier: Apache-2.0
#include "sim/cover/cover.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "sim/cover/stalls.h"

namespace systole::cover {
namespace {

TEST_CASE("cover.items.names_are_unique_and_groups_together") {
  std::set<std::string> names, groups;
  std::string_view group;
  for (const ItemText& item : kItems) {
    CHECK(names.insert(std::string(item.group) + '.' + std::string(item.name)).second);
    if (item.group == group) continue;
    group = item.group;
    CHECK(groups.insert(std::string(group)).second);
  }
}

TEST_CASE("cover.missed.what_was_not_counted") {
  Cover cover;
  for (std::size_t i = 0; i < kItemCount; ++i) cover.saw(static_cast<Item>(i));
  CHECK(cover.missed().empty());
  CHECK(missed_text(cover).empty());
  Cover part;
  part.saw(Item::tie, 0);
  CHECK(part.missed().size() == kItemCount);
  part.merge(cover);
  CHECK(part.missed().empty());
  CHECK(part.count(Item::tie) == 1);
}

TEST_CASE("cover.missed.a_line_for_each_group") {
  Cover cover;
  for (std::size_t i = 0; i < kItemCount; ++i) {
    const auto item = static_cast<Item>(i);
    if (item != Item::clipq && item != Item::tie && item != Item::stall_out) cover.saw(item);
  }
  CHECK(missed_text(cover) == "not exercised: rounding: clipq, tie\nnot exercised: stalls: output withheld\n");
  cover.leave_out("stalls");
  CHECK(missed_text(cover) == "not exercised: rounding: clipq, tie\n");
}

TEST_CASE("cover.stalls.kinds") {
  constexpr std::size_t kInputs = 3;
  Stalls stalls;
  stalls.add(1, 0b0010, kInputs);
  CHECK(stalls.cover().count(Item::stall_in) == 1);
  CHECK(stalls.cover().count(Item::stall_out) == 0);
  stalls.add(3, 0b1000, kInputs);
  CHECK(stalls.cover().count(Item::stall_in) == 1);
  CHECK(stalls.cover().count(Item::stall_out) == 1);
  CHECK(stalls.cover().count(Item::stall_both) == 0);
  stalls.add(5, 0b1001, kInputs);
  CHECK(stalls.cover().count(Item::stall_both) == 1);
}

TEST_CASE("cover.stalls.burst_is_sixteen_cycles_in_a_row") {
  Stalls stalls;
  for (std::uint64_t cycle = 100; cycle < 100 + Stalls::kBurst; ++cycle) {
    CHECK(stalls.cover().count(Item::stall_burst) == 0);
    stalls.add(cycle, 1, 3);
  }
  CHECK(stalls.cover().count(Item::stall_burst) == 1);
  Stalls broken;
  for (std::uint64_t cycle = 100; cycle < 140; ++cycle) {
    if (cycle % 10 != 0) broken.add(cycle, 1, 3);
  }
  CHECK(broken.cover().count(Item::stall_burst) == 0);
}

}  // namespace
}  // namespace systole::cover
