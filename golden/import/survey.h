// SPDX-License-Identifier: Apache-2.0
#pragma once
// Operators of a source that no rule carries over: all of them at once, before anything else of the model is judged.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/input_error.h"

namespace systole::model {

class Survey {
 public:
  /// `place`: where it stands, with its name.
  void add(const std::string& op, const std::string& place) {
    const auto [known, is_new] = order_.emplace(op, kinds_.size());
    if (is_new) kinds_.push_back({op, place, 0});
    ++kinds_[known->second].count;
  }

  /// Throws base::InputError where there are any: each kind once with its count, the operators that there are rules
  /// for, and what the model is.
  void refuse(const std::string& file, const std::string& rules, const std::string& model) const {
    if (kinds_.empty()) return;
    constexpr std::size_t kMost = 64;  // of a damaged file; no model has so many
    std::string list;
    for (std::size_t i = 0; i < std::min(kinds_.size(), kMost); ++i) {
      const Kind& kind = kinds_[i];
      list += fmt::format("{}{} x {} (first {})", i == 0 ? "" : ", ", kind.count, kind.op, kind.place);
    }
    if (kinds_.size() > kMost) list += fmt::format(" and {} more", kinds_.size() - kMost);
    throw base::InputError(
        file, "operators",
        fmt::format("{}: not an operator of the import, expected one of {}; {}", list, rules, model));
  }

 private:
  struct Kind {
    std::string op, place;
    std::size_t count;
  };
  std::vector<Kind> kinds_;                   ///< in the order of their first places
  std::map<std::string, std::size_t> order_;  ///< of a kind among them
};

}  // namespace systole::model
