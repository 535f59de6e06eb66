// SPDX-License-Identifier: Apache-2.0
#include "sim/session/trace_window.h"

#include <fmt/format.h>

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

std::optional<CycleRange> parse_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto first = parse_cycle(text.substr(0, colon)), last = parse_cycle(text.substr(colon + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return CycleRange{.first = *first, .last = *last};
}

std::optional<std::vector<CycleRange>> parse_ranges(std::string_view text) {
  std::vector<CycleRange> ranges;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::optional<CycleRange> range = parse_range(text.substr(0, comma));
    if (!range) return std::nullopt;
    ranges.push_back(*range);
    if (comma == text.size()) return ranges;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string to_string(const std::vector<CycleRange>& ranges) {
  std::string text;
  for (const CycleRange& range : ranges) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", range.first, range.last);
  }
  return text;
}

TraceWindow parse_trace_window(const std::string& text, const std::vector<std::string>& layers) {
  if (text.empty()) return {};
  if (std::optional<std::vector<CycleRange>> ranges = parse_ranges(text))
    return {.ranges = *std::move(ranges), .layer = {}};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] == text) return {.ranges = {}, .layer = i};
  }
  throw base::InputError(
      "--trace-window", text,
      "expected FIRST:LAST (cycles, FIRST <= LAST; more of them behind commas) or the name of a layer that runs");
}

}  // namespace systole::session
