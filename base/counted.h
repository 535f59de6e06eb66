// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers of things, for people.
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace systole::base {

/// "1 image", "2 images".
inline std::string counted(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace systole::base
