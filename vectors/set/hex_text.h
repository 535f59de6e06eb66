// SPDX-License-Identifier: Apache-2.0
#pragma once
// Words as hexadecimal text, one a line: what $readmemh and most benches read.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/beats.h"

namespace systole::vectors {

/// Digits of a word of `bits` bits.
constexpr int hex_digits(int bits) { return (bits + 3) / 4; }

/// Every beat as hex_digits(bits) upper-case digits, the most significant first, and a line end.
[[nodiscard]] std::string hex_text(const base::Beats& beats);

/// Reads exactly `count` words of `bits` bits. Takes upper and lower case, line ends LF and CRLF, a last line without
/// its end. Throws base::InputError naming file, line and what was expected: another number of digits or of words,
/// another character, a bit above `bits`. `by` is the file that says how many words there are, for the message.
[[nodiscard]] base::Beats read_hex(const std::filesystem::path& file, int bits, std::size_t count,
                                   std::string_view by = {});

}  // namespace systole::vectors
