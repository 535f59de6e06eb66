// SPDX-License-Identifier: Apache-2.0
#include "base/input_error.h"

#include <doctest/doctest.h>

#include <string_view>

using systole::base::InputError;

TEST_CASE("base.input_error.one_line_without_control_characters") {
  CHECK(std::string_view(InputError("a\nb", "p\x1b[31m", "x\ty\r\n\x7F").what()) == "a b: p [31m: x y   ");
  CHECK(std::string_view(InputError("f", "", "no place").what()) == "f: no place");
  CHECK(std::string_view(InputError("\xC3\xA4", "", "beyond ASCII stays").what()) == "\xC3\xA4: beyond ASCII stays");
  CHECK(std::string_view(InputError("\xC2\x9B", "", "a control character of two bytes").what()) ==
        " : a control character of two bytes");
}
