// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace systole::base {

/// The colour of a word that says the same by itself: "pass", "fail".
enum class Tone : std::uint8_t { neutral, good, warning, bad };

/// For standard output: in the colour of its tone where that is a terminal that has colours and the environment has no
/// NO_COLOR, else as it is.
[[nodiscard]] std::string in_tone(std::string_view text, Tone tone);

}  // namespace systole::base
