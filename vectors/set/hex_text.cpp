// SPDX-License-Identifier: Apache-2.0
#include "vectors/set/hex_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/file_bytes.h"
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

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool ends_word(char c) { return is_blank(c) || c == '/' || c == '@'; }
bool is_unknown(char c) { return std::string_view("xXzZ?").find(c) != std::string_view::npos; }

/// The words and addresses of a text, one after another.
class HexScanner {
 public:
  explicit HexScanner(const std::filesystem::path& file) : file_(file.string()), bytes_(base::read_bytes(file, true)) {
    text_ = {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    if (text_.starts_with(base::kByteOrderMark)) position_ = base::kByteOrderMark.size();
  }

  /// Goes to the next word and its address; false at the end of the file.
  bool next() {
    if (started_) ++address_;
    started_ = true;
    for (skip(); position_ < text_.size() && text_[position_] == '@'; skip()) set_address();
    if (position_ >= text_.size()) return false;
    take_digits();
    return true;
  }

  [[nodiscard]] std::size_t bytes() const { return text_.size(); }
  [[nodiscard]] std::size_t address() const { return address_; }
  [[nodiscard]] std::size_t line() const { return line_; }
  /// The word's digits, without `_`.
  [[nodiscard]] const std::string& digits() const { return digits_; }
  /// Throws InputError "file: line N: problem".
  [[noreturn]] void fail(std::string_view problem) const {
    throw base::InputError(file_, fmt::format("line {}", line_), problem);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }

  void step(std::size_t characters) {
    const std::string_view passed = rest().substr(0, characters);
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    position_ += passed.size();
  }

  /// Blanks and comments.
  void skip() {
    while (position_ < text_.size()) {
      if (is_blank(text_[position_])) {
        step(1);
      } else if (rest().starts_with("//")) {
        step(std::min(rest().find('\n'), rest().size()));
      } else if (rest().starts_with("/*")) {
        const std::size_t end = rest().find("*/", 2);
        if (end == std::string_view::npos) fail("expected */ at the end of the comment that starts here");
        step(end + 2);
      } else {
        return;
      }
    }
  }

  /// Digits and `_` from here on, the latter left out.
  void take_digits() {
    digits_.clear();
    const std::size_t first = position_;
    for (; position_ < text_.size() && !ends_word(text_[position_]); ++position_) {
      const char c = text_[position_];
      if (c == '_' && position_ > first) continue;
      if (is_unknown(c)) fail(fmt::format("expected known hex digits, found '{}' in '{}'", c, word_at(first)));
      if (digit_value(c) < 0) fail(fmt::format("expected hex digits, found '{}'", word_at(first)));
      digits_ += c;
    }
    if (digits_.empty()) fail(fmt::format("expected hex digits, found '{}'", word_at(first)));
  }

  void set_address() {
    constexpr std::size_t kMostDigits = 15;
    ++position_;
    take_digits();
    if (digits_.size() > kMostDigits) fail(fmt::format("expected an address of at most {} digits", kMostDigits));
    address_ = 0;
    for (const char digit : digits_) address_ = 16 * address_ + static_cast<std::size_t>(digit_value(digit));
  }

  [[nodiscard]] std::string word_at(std::size_t first) const {
    const std::string_view word = text_.substr(first);
    return base::printable(word.substr(0, word.find_first_of(" \t\r\n\f")));
  }

  std::string file_, digits_;
  std::vector<std::byte> bytes_;
  std::string_view text_;
  std::size_t position_ = 0, line_ = 1, address_ = 0;
  bool started_ = false;
};

/// Sets a word from the scanner's digits.
void set_word(const HexScanner& words, int bits, std::uint32_t* word, std::size_t words_per_beat) {
  std::fill_n(word, words_per_beat, 0U);
  const std::string& digits = words.digits();
  const auto size = static_cast<std::ptrdiff_t>(digits.size());
  for (std::ptrdiff_t digit = 0; digit < size; ++digit) {
    const int value = digit_value(digits[static_cast<std::size_t>(size - 1 - digit)]);
    const std::ptrdiff_t room = bits - 4 * digit;
    if (value != 0 && (room <= 0 || (room < 4 && value >> room != 0))) {
      words.fail(fmt::format("expected a word of {} bits, found '{}'", bits, base::printable(digits)));
    }
    if (room > 0) base::set_field(word, static_cast<int>(4 * digit), 4, value);
  }
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
  const std::string expected = fmt::format("expected {} words{}{}", count, by.empty() ? "" : " by ", by);
  HexScanner scanner(file);
  base::Beats beats(bits);
  std::vector<bool> given;
  std::size_t found = 0;
  while (scanner.next()) {
    const std::size_t address = scanner.address();
    if (address >= count && found == count) scanner.fail(expected + ", found more");
    // A file gives fewer words than it has bytes: no memory is taken for what it cannot fill.
    if (address >= std::min(count, scanner.bytes())) {
      scanner.fail(fmt::format("{}, found one at address @{:X}", expected, address));
    }
    if (address >= given.size()) {
      given.resize(address + 1);
      beats.resize(address + 1);
    }
    set_word(scanner, bits, beats[address], beats.words_per_beat());
    if (!given[address]) ++found;
    given[address] = true;
  }
  if (found == count) return beats;
  const auto missing = static_cast<std::size_t>(std::find(given.begin(), given.end(), false) - given.begin());
  if (missing == found) scanner.fail(fmt::format("{}, the file ends after {}", expected, found));
  scanner.fail(fmt::format("{}, none is given at address @{:X}", expected, missing));
}

std::size_t line_of_word(const std::filesystem::path& file, std::size_t word) {
  try {
    HexScanner scanner(file);
    std::size_t line = 0;
    while (scanner.next()) {
      if (scanner.address() == word) line = scanner.line();
    }
    return line != 0 ? line : scanner.line();
  } catch (const base::InputError&) {
    return word + 1;
  }
}

std::size_t count_hex_words(const std::filesystem::path& file) {
  HexScanner scanner(file);
  std::size_t count = 0;
  while (scanner.next()) count = std::max(count, scanner.address() + 1);
  return count;
}

std::size_t usual_digits(const std::filesystem::path& file) {
  HexScanner scanner(file);
  std::map<std::size_t, std::size_t> counts;
  while (scanner.next()) ++counts[scanner.digits().size()];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

}  // namespace systole::vectors
