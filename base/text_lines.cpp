// SPDX-License-Identifier: Apache-2.0
#include "base/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/input_error.h"

namespace systole::base {

namespace {

constexpr std::size_t kLookAhead = 4096;  // enough to see a further line, or that one is too long

}  // namespace

TextLines::TextLines(const std::filesystem::path& file, std::size_t max_bytes) : file_(file.string()) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) throw InputError(file_, "", fmt::format("cannot be read: {}", error.message()));
  content_.resize(static_cast<std::size_t>(std::min<std::uintmax_t>(size, std::uintmax_t{max_bytes} + kLookAhead)));
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(content_.data(), static_cast<std::streamsize>(content_.size()))) {
    throw InputError(file_, "", "cannot be read to its end");
  }
  if (content_.starts_with(kByteOrderMark)) position_ = kByteOrderMark.size();
}

bool TextLines::next() {
  ++number_;
  if (position_ >= content_.size()) return false;
  const std::size_t end = std::min(content_.find('\n', position_), content_.size());
  line_ = std::string_view(content_).substr(position_, end - position_);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  position_ = end + 1;
  return true;
}

void TextLines::fail(std::string_view problem) const {
  throw InputError(file_, fmt::format("line {}", number_), problem);
}

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string shown(text.substr(0, kLongest));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

}  // namespace systole::base
