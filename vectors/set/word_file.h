// SPDX-License-Identifier: Apache-2.0
#pragma once
// A text file of binary words as any team may have written it: one word of '0' and '1' a line.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace systole::vectors {

inline constexpr std::uintmax_t kMaxWordFileBytes = std::uintmax_t{64} << 20;
inline constexpr std::size_t kMaxWordWidth = 65536;

/// The words of one file, all of one width. Lines that start with '#' are comments (headers), and so are lines most of
/// whose characters are neither 0 nor 1, unless they are the digits of a word with unknown ones (x, z); blank lines,
/// spaces at a line's end, CRLF and a missing last line end are taken as they come.
class WordFile {
 public:
  /// Reads a whole file of at most kMaxWordFileBytes. Throws base::InputError "file: line N: problem": not readable,
  /// too large, no word at all, a character other than 0 and 1, a word wider than kMaxWordWidth, or a word whose width
  /// is not that of most words of the file.
  explicit WordFile(std::filesystem::path file);

  /// The same file with each word cut into `parts` words, the leftmost first; `parts` divides the width.
  [[nodiscard]] WordFile cut(std::size_t parts) const;

  [[nodiscard]] std::size_t size() const { return words_.size(); }
  /// Characters of each word.
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::string_view word(std::size_t i) const {
    return std::string_view(text_).substr(words_[i].first, width_);
  }
  /// Line of word i, counted from 1.
  [[nodiscard]] int line(std::size_t i) const { return words_[i].line; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool has_header() const { return has_header_; }
  [[nodiscard]] bool has_blank_lines() const { return has_blank_lines_; }
  [[nodiscard]] bool has_crlf() const { return has_crlf_; }

 private:
  struct Word {
    std::size_t first = 0, width = 0;  ///< place in the text
    int line = 0;
  };
  void read();
  void add_line(std::size_t first, std::size_t end, int line);
  void settle_width();
  [[noreturn]] void fail(int line, std::string_view problem) const;

  std::filesystem::path path_;
  std::string text_;
  std::vector<Word> words_;
  std::size_t width_ = 0;
  bool has_header_ = false, has_blank_lines_ = false, has_crlf_ = false;
};

}  // namespace systole::vectors
