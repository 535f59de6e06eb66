// SPDX-License-Identifier: Apache-2.0
#pragma once
// A text file line by line, with the line's number in every complaint.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace systole::base {

/// What some editors write in front of UTF-8. It carries nothing and is skipped.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class TextLines {
 public:
  /// Reads the file, of which only the first `max_bytes` and as much as shows that there are more are kept. Throws
  /// InputError where it cannot be read.
  TextLines(const std::filesystem::path& file, std::size_t max_bytes);

  /// Goes to the next line; false at the end of the file, whose number then is that of the line that is missing.
  bool next();
  /// The line without its end (LF or CRLF).
  [[nodiscard]] std::string_view text() const { return line_; }
  /// Throws InputError "file: line N: problem".
  [[noreturn]] void fail(std::string_view problem) const;

 private:
  std::string file_, content_;
  std::string_view line_;
  std::size_t position_ = 0, number_ = 0;
};

/// The text with '?' for what is not printable ASCII, cut after 80 characters.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace systole::base
