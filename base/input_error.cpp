// SPDX-License-Identifier: Apache-2.0
#include "base/input_error.h"

#include <string>

#include "base/quote.h"

namespace systole::base {
namespace {

std::string line(std::string_view file, std::string_view place, std::string_view problem) {
  std::string text(file);
  if (!place.empty()) text.append(": ").append(place);
  return terminal_text(text.append(": ").append(problem));
}

}  // namespace

InputError::InputError(std::string_view file, std::string_view place, std::string_view problem)
    : std::runtime_error(line(file, place, problem)) {}

}  // namespace systole::base
