// SPDX-License-Identifier: Apache-2.0
#include "sim/session/trace_window.h"

#include <charconv>
#include <string_view>
#include <system_error>

#include "base/input_error.h"

namespace systole::session {
namespace {

std::optional<std::uint64_t> parse_cycle(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

TraceWindow parse_trace_window(const std::string& text, const std::vector<std::string>& layers) {
  if (text.empty()) return {};
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    const auto first = parse_cycle(std::string_view(text).substr(0, colon));
    const auto last = parse_cycle(std::string_view(text).substr(colon + 1));
    if (first && last && *first <= *last) return {.first = *first, .last = *last, .layer = {}};
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] == text) return {.layer = i};
  }
  throw base::InputError("--trace-window", text,
                         "expected FIRST:LAST (cycles, FIRST <= LAST) or the name of a layer that runs");
}

}  // namespace systole::session
