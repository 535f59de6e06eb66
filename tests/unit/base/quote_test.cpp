// SPDX-License-Identifier: Apache-2.0
#include "base/quote.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

using namespace systole;

/// What a shell makes of a word.
std::string read_back(const std::string& word) {
  std::FILE* pipe = ::popen(("printf %s " + word).c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> text{};
  const std::size_t length = std::fread(text.data(), 1, text.size(), pipe);
  CHECK(::pclose(pipe) == 0);
  return {text.data(), length};
}

TEST_CASE("base.shell_word.plain_stays") {
  CHECK(base::shell_word("models/lenet-float_2.json") == "models/lenet-float_2.json");
  CHECK(base::shell_word("cifar10:FILE,10%+@=") == "cifar10:FILE,10%+@=");
}

TEST_CASE("base.shell_word.reads_back") {
  std::string every;
  for (int c = 1; c < 256; ++c) every += static_cast<char>(c);
  for (const std::string& text : {std::string(), std::string("a b"), std::string("it's"), std::string("'"),
                                  std::string("$(touch x); `y` && \"z\" | * ? [a] # ~ !"), std::string("two\nlines"),
                                  std::string("~"), std::string("#"), every}) {
    CHECK(read_back(base::shell_word(text)) == text);
  }
}

TEST_CASE("base.terminal_text.obeys_nothing") {
  CHECK(base::terminal_text("plain, 100 % <b> 'c'") == "plain, 100 % <b> 'c'");
  CHECK(base::terminal_text("a\x1b[31mb\r\nc\x07\x7f") == "a [31mb  c  ");
  CHECK(base::terminal_text("\xC2\x9B"
                            "31m") == " 31m");  // U+009B starts a command as ESC [ does
  CHECK(base::terminal_text("\xC3\x9B \xC2\xA0 \xC2") == "\xC3\x9B \xC2\xA0 \xC2");
}

TEST_CASE("base.document_text.is_utf8_without_controls") {
  CHECK(base::document_text("plain <b>\n\ta & \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "plain <b>\n\ta & \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(base::document_text("a\x1b[31m\r\x01") == "a [31m  ");
  const std::string lost = "\xEF\xBF\xBD";
  CHECK(base::document_text("a\xFFz") == "a" + lost + "z");
  CHECK(base::document_text("\xC3") == lost);                        // cut
  CHECK(base::document_text("\xC0\xAF") == lost + lost);             // "/" in two bytes
  CHECK(base::document_text("\xED\xA0\x80") == lost + lost + lost);  // a surrogate
  CHECK(base::document_text("\xEF\xBF\xBF") == lost + lost + lost);  // U+FFFF, which XML refuses
  CHECK(base::document_text("\xF4\x90\x80\x80") == lost + lost + lost + lost);
}

}  // namespace
