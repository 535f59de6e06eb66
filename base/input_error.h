// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one error for input that a user can fix: a file, an option, a data set. The command line turns it into exit
// code 2.
#include <stdexcept>
#include <string_view>

namespace systole::base {

class InputError : public std::runtime_error {
 public:
  /// what() is one line: "file: place: problem", without the place where it is empty (the whole file is meant), as
  /// terminal_text(): names come from outside and go to a terminal.
  InputError(std::string_view file, std::string_view place, std::string_view problem);
};

}  // namespace systole::base
