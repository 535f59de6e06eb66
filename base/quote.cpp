// SPDX-License-Identifier: Apache-2.0
#include "base/quote.h"

namespace systole::base {

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";  // none has a meaning anywhere in a
                                                                                   // word
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::string terminal_text(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0xFFU; };
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool high_control = byte(i) == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xA0;
    shown += high_control || byte(i) < 0x20 || byte(i) == 0x7F ? ' ' : text[i];
    i += high_control ? 1 : 0;
  }
  return shown;
}

}  // namespace systole::base
