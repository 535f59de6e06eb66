// SPDX-License-Identifier: Apache-2.0
#include "sim/cover/cover.h"

namespace systole::cover {

Cover::Cover(const std::vector<std::uint64_t>& counts, const std::vector<bool>& left_out) {
  for (std::size_t i = 0; i < kItemCount; ++i) {
    counts_[i] = counts.at(i);
    left_out_[i] = left_out.at(i);
  }
}

void Cover::merge(const Cover& other) {
  for (std::size_t i = 0; i < kItemCount; ++i) counts_[i] += other.counts_[i];
}

void Cover::leave_out(std::string_view group) {
  for (std::size_t i = 0; i < kItemCount; ++i) left_out_[i] = left_out_[i] || kItems[i].group == group;
}

std::vector<Item> Cover::missed() const {
  std::vector<Item> items;
  for (std::size_t i = 0; i < kItemCount; ++i) {
    if (counts_[i] == 0 && !left_out_[i]) items.push_back(static_cast<Item>(i));
  }
  return items;
}

std::string missed_text(const Cover& cover) {
  std::string result;
  std::string_view group;
  for (const Item item : cover.missed()) {
    const bool first = text(item).group != group;
    group = text(item).group;
    if (first) result.append(result.empty() ? "" : "\n").append("not exercised: ").append(group).append(": ");
    if (!first) result.append(", ");
    result.append(text(item).name);
  }
  return result.empty() ? result : result + "\n";
}

}  // namespace systole::cover
