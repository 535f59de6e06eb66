// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstddef>

namespace systole::base {

/// A count or position, at least 0, as what the standard containers take.
constexpr std::size_t as_size(std::integral auto value) { return static_cast<std::size_t>(value); }

}  // namespace systole::base
