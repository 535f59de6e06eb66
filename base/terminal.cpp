// SPDX-License-Identifier: Apache-2.0
#include "base/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace systole::base {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets one
  return value != nullptr && *value != '\0';
}

bool has_colours() {
  const char* kind = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  return !dumb && !is_set("NO_COLOR") && ::isatty(STDOUT_FILENO) == 1;
}

/// Of ECMA-48, 8.3.117.
std::string_view number_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "32";
    case Tone::warning:
      return "33";
    case Tone::bad:
      return "31";
    case Tone::neutral:
      break;
  }
  return "39";
}

}  // namespace

std::string in_tone(std::string_view text, Tone tone) {
  if (tone == Tone::neutral || !has_colours()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", number_of(tone), text);
}

}  // namespace systole::base
