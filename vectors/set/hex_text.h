// SPDX-License-Identifier: Apache-2.0
#pragma once
// Words as hexadecimal text: what $readmemh and most benches read.
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

/// Reads exactly `count` words of `bits` bits as $readmemh does (IEEE 1364-2005, 17.2.9): words between blanks and line
/// ends, any number to a line; comments `// ...` and `/* ... */`; `@address` in hex, counted from 0, before the word
/// that stands there, of two words for one address the last; `_` between digits; upper and lower case, and fewer or
/// more digits than the word has as long as the value fits. Throws base::InputError naming file, line and what was
/// expected: more or fewer words, an address without a word, an unknown digit (x, z), another character, a bit above
/// `bits`. `by` is the file that gives the number of words, for the message.
[[nodiscard]] base::Beats read_hex(const std::filesystem::path& file, int bits, std::size_t count,
                                   std::string_view by = {});

/// The line, from 1, that gives word `word` of a file that read_hex takes; behind the last word, the file's last line.
/// For messages: the file is read again, and where that fails a word is taken to be a line.
[[nodiscard]] std::size_t line_of_word(const std::filesystem::path& file, std::size_t word);

/// One more than the highest address of a word in the file, 0 where there is no word. Throws base::InputError for what
/// is no $readmemh text.
[[nodiscard]] std::size_t count_hex_words(const std::filesystem::path& file);

/// Digits of most words of the file, 0 where there is no word. Throws base::InputError for what is no $readmemh text.
[[nodiscard]] std::size_t usual_digits(const std::filesystem::path& file);

}  // namespace systole::vectors
