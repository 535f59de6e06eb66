// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one error for input that a user can mend: a file, an option, a data set. The command line turns it into exit
// code 2.
#include <stdexcept>
#include <string>
#include <string_view>

namespace systole::base {

class InputError : public std::runtime_error {
 public:
  /// what() is one line: "file: place: problem", without the place where it is empty (the whole file is meant). Control
  /// characters become blanks: names come from outside and go to a terminal.
  InputError(std::string_view file, std::string_view place, std::string_view problem)
      : std::runtime_error(line(file, place, problem)) {}

 private:
  static std::string line(std::string_view file, std::string_view place, std::string_view problem) {
    std::string text(file);
    if (!place.empty()) text.append(": ").append(place);
    text.append(": ").append(problem);
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return text;
  }
};

}  // namespace systole::base
