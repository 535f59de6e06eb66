// SPDX-License-Identifier: Apache-2.0
#include "vectors/set/word_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/text_lines.h"

namespace systole::vectors {

WordFile::WordFile(std::filesystem::path file) : path_(std::move(file)) {
  read();
  int line = 1;
  for (std::size_t first = text_.starts_with(base::kByteOrderMark) ? base::kByteOrderMark.size() : 0;
       first < text_.size(); ++line) {
    const std::size_t end = std::min(text_.find('\n', first), text_.size());
    add_line(first, end, line);
    first = end + 1;
  }
  if (words_.empty()) throw base::InputError(path_.string(), "", "expected words of 0 and 1, found none");
  settle_width();
}

void WordFile::fail(int line, std::string_view problem) const {
  throw base::InputError(path_.string(), fmt::format("line {}", line), problem);
}

void WordFile::read() {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path_, error);
  if (error) throw base::InputError(path_.string(), "", fmt::format("cannot be read: {}", error.message()));
  if (bytes > kMaxWordFileBytes) {
    throw base::InputError(path_.string(), "",
                           fmt::format("expected at most {} bytes, found {}", kMaxWordFileBytes, bytes));
  }
  text_.resize(bytes);
  std::ifstream stream(path_, std::ios::binary);
  if (!stream.read(text_.data(), static_cast<std::streamsize>(bytes))) {
    throw base::InputError(path_.string(), "", "cannot be read to its end");
  }
}

WordFile WordFile::cut(std::size_t parts) const {
  WordFile pieces = *this;
  pieces.width_ = width_ / parts;
  pieces.words_.clear();
  for (const Word& word : words_) {
    for (std::size_t i = 0; i < parts; ++i) {
      pieces.words_.push_back({.first = word.first + i * pieces.width_, .width = pieces.width_, .line = word.line});
    }
  }
  return pieces;
}

void WordFile::add_line(std::size_t first, std::size_t end, int line) {
  if (end > first && text_[end - 1] == '\r') {
    has_crlf_ = true;
    --end;
  }
  while (end > first && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
  if (end == first) {
    has_blank_lines_ = true;
    return;
  }
  const std::string_view word = std::string_view(text_).substr(first, end - first);
  const auto binary = [](char c) { return c == '0' || c == '1'; };
  const bool unknowns = word.find_first_not_of("01xXzZ?_") == std::string_view::npos;  // of a simulator's dump
  const bool text = !unknowns && 2 * std::ranges::count_if(word, binary) < std::ssize(word);
  if (word.front() == '#' || text) {
    has_header_ = true;
    return;
  }
  if (const std::size_t bad = word.find_first_not_of("01"); bad != std::string_view::npos) {
    fail(line,
         fmt::format("character {}: expected 0 or 1, found '{}' (code {})", bad + 1,
                     base::printable(word.substr(bad, 1)), static_cast<int>(static_cast<unsigned char>(word[bad]))));
  }
  if (word.size() > kMaxWordWidth) {
    fail(line, fmt::format("expected at most {} characters, found {}", kMaxWordWidth, word.size()));
  }
  words_.push_back({.first = first, .width = word.size(), .line = line});
}

void WordFile::settle_width() {
  std::map<std::size_t, std::size_t> counts;
  for (const Word& word : words_) ++counts[word.width];
  width_ = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
             return a.second < b.second;
           })->first;
  for (const Word& word : words_) {
    if (word.width != width_) {
      fail(word.line, fmt::format("expected {} characters as in most lines, found {}", width_, word.width));
    }
  }
}

}  // namespace systole::vectors
