// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text of users (names of networks, layers, files) inside a text of ours that something else reads.
#include <string>
#include <string_view>

namespace systole::base {

/// One word of a POSIX shell's command line that the shell reads back as `text`. Plain words stay as they are.
[[nodiscard]] std::string shell_word(std::string_view text);

/// Text that a terminal shows and does not obey: control characters (of ASCII, DEL, and U+0080 .. U+009F as UTF-8)
/// become blanks.
[[nodiscard]] std::string terminal_text(std::string_view text);

/// Text for a document (HTML, XML): bytes that are no UTF-8 become U+FFFD, and so do U+FFFE and U+FFFF; control
/// characters but tab and line feed become blanks.
[[nodiscard]] std::string document_text(std::string_view text);

}  // namespace systole::base
