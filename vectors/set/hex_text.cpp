// SPDX-License-Identifier: Apache-2.0
#include "vectors/set/hex_text.h"

#include <fmt/format.h>

#include "base/input_error.h"
#include "base/text_lines.h"

namespace systole::vectors {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

/// Value of a digit, -1 where it is none.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string hex_text(const base::Beats& beats) {
  const int digits = hex_digits(beats.bits());
  std::string text;
  text.reserve(beats.size() * static_cast<std::size_t>(digits + 1));
  for (std::size_t i = 0; i < beats.size(); ++i) {
    for (int digit = digits - 1; digit >= 0; --digit) text += kDigits[base::get_field(beats[i], 4 * digit, 4)];
    text += '\n';
  }
  return text;
}

base::Beats read_hex(const std::filesystem::path& file, int bits, std::size_t count, std::string_view by) {
  const int digits = hex_digits(bits);
  const std::string expected = fmt::format("expected {} words{}{}", count, by.empty() ? "" : " by ", by);
  base::TextLines lines(file, count * static_cast<std::size_t>(digits + 2));
  base::Beats beats(bits);
  for (std::size_t i = 0; i < count; ++i) {
    if (!lines.next()) lines.fail(fmt::format("{}, the file ends after {}", expected, i));
    const std::string_view line = lines.text();
    if (line.size() != static_cast<std::size_t>(digits)) {
      lines.fail(fmt::format("expected {} hex digits, found {} characters", digits, line.size()));
    }
    beats.resize(i + 1);
    for (int digit = 0; digit < digits; ++digit) {
      const int value = digit_value(line[static_cast<std::size_t>(digits - 1 - digit)]);
      if (value < 0) {
        lines.fail(fmt::format("expected {} hex digits, found '{}'", digits, base::printable(line)));
      }
      base::set_field(beats[i], 4 * digit, 4, value);
    }
    if (bits % 4 != 0 && base::get_field(beats[i], 4 * (digits - 1), 4) >> (bits % 4) != 0) {
      lines.fail(fmt::format("expected a word of {} bits, found '{}'", bits, line));
    }
  }
  if (lines.next()) lines.fail(expected + ", found more");
  return beats;
}

}  // namespace systole::vectors
