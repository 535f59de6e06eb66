// SPDX-License-Identifier: Apache-2.0
#include "regress/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/json_object.h"
#include "base/sha256.h"
#include "sim/check/mismatch.h"
#include "sim/kernel/stall.h"
#include "sim/session/transport.h"

namespace systole::regress {
namespace {

using base::JsonObject;

constexpr std::size_t kMostValues = 10'000;       // of an axis
constexpr std::int64_t kLargest = 1'000'000'000;  // seed, image, as the command line has it
constexpr std::string_view kAutoSeeds = "auto";   // "auto", "auto:20"
constexpr std::array kOfRuns{Axis::layer, Axis::via, Axis::check, Axis::images};  // not of sets of vectors

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > kLargest) return std::nullopt;
  return number;
}

struct Range {
  std::int64_t first = 0, last = 0;  ///< both are of it
};

/// "5" or "5-9".
std::optional<Range> range_in(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::int64_t> first = number_in(text.substr(0, dash));
  const std::optional<std::int64_t> last = dash == std::string_view::npos ? first : number_in(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{.first = *first, .last = *last};
}

std::string range_text(const Range& range) {
  return range.first == range.last ? std::to_string(range.first) : fmt::format("{}-{}", range.first, range.last);
}

std::string place(Axis axis, std::size_t index) { return fmt::format("{}[{}]", to_string(axis), index); }

/// Numbers one by one; what is drawn is counted.
std::vector<std::string> read_seeds(JsonObject& json, std::int64_t* drawn) {
  std::vector<std::string> seeds;
  const std::vector<std::string> words = json.words(std::string(to_string(Axis::seed)), 1, kMostValues);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (drawn != nullptr && word.starts_with(kAutoSeeds)) {
      const std::string_view rest = word.substr(kAutoSeeds.size());
      const auto count = rest.empty()     ? std::optional<std::int64_t>(1)
                         : rest[0] == ':' ? number_in(rest.substr(1))
                                          : std::nullopt;
      if (count && *count >= 1 && *count <= static_cast<std::int64_t>(kMostValues)) {
        *drawn += *count;
        continue;
      }
    }
    const std::optional<Range> range = range_in(word);
    if (!range || range->last - range->first >= static_cast<std::int64_t>(kMostValues)) {
      json.fail(
          place(Axis::seed, i),
          fmt::format("expected a seed, a range as \"1-50\" of at most {}, \"auto\" or \"auto:20\"", kMostValues));
    }
    for (std::int64_t seed = range->first; seed <= range->last; ++seed) seeds.push_back(std::to_string(seed));
  }
  return seeds;
}

std::vector<std::string> read_images(JsonObject& json) {
  std::vector<std::string> images;
  const std::vector<std::string> words = json.words(std::string(to_string(Axis::images)), 1, kMostValues);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::optional<Range> range = range_in(words[i]);
    if (!range) json.fail(place(Axis::images, i), "expected an image or a range of images as \"0-9\"");
    images.push_back(range_text(*range));
  }
  return images;
}

/// Where the axis has a list of words, its values are among them.
std::vector<std::string> read_words(JsonObject& json, Axis axis) {
  std::vector<std::string> values = json.texts(std::string(to_string(axis)), 1, kMostValues);
  const auto require = [&](const auto& names) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::ranges::find(names, values[i]) != std::end(names)) continue;
      json.fail(place(axis, i), fmt::format("expected one of {}, found \"{}\"", fmt::join(names, " "), values[i]));
    }
  };
  if (axis == Axis::stall) require(kernel::kStallNames);
  if (axis == Axis::check) require(check::kCheckLevelNames);
  if (axis == Axis::via) require(session::kViaNames);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty() || values[i].starts_with('-')) json.fail(place(axis, i), "expected a name");
  }
  return values;
}

std::vector<std::string> read_axis(JsonObject& json, Axis axis, std::int64_t* drawn) {
  if (axis == Axis::seed) return read_seeds(json, drawn);
  return axis == Axis::images ? read_images(json) : read_words(json, axis);
}

/// An axis each, in the order of the enumeration.
template <class Use>
void each_axis(const Use& use) {
  for (std::size_t i = 0; i < kAxes; ++i) use(static_cast<Axis>(i));
}

Values read_exclusion(JsonObject json) {
  Values values;
  bool any = false;
  each_axis([&](Axis axis) {
    if (!json.has(std::string(to_string(axis)))) return;
    values[axis] = read_axis(json, axis, nullptr);
    any = true;
  });
  if (!any) json.fail("", fmt::format("expected axes to leave out: {}", fmt::join(kAxisNames, " ")));
  json.finish();
  return values;
}

void set_defaults(Block& block, const std::string& own_design) {
  const auto otherwise = [&block](Axis axis, const std::string& value) {
    if (block.axes[axis].empty()) block.axes[axis] = {value};
  };
  otherwise(Axis::design, own_design);
  otherwise(Axis::stall, std::string(kernel::kStallNames.front()));
  if (block.auto_seeds == 0) otherwise(Axis::seed, "1");
  if (!block.axes[Axis::vectors].empty()) return;
  otherwise(Axis::layer, std::string(kAllLayers));
  otherwise(Axis::via, std::string(session::kViaNames.front()));
  otherwise(Axis::images, "0-9");
}

Block read_block(JsonObject json, const std::string& own_design) {
  Block block;
  each_axis([&](Axis axis) {
    if (json.has(std::string(to_string(axis)))) block.axes[axis] = read_axis(json, axis, &block.auto_seeds);
  });
  const bool replays = !block.axes[Axis::vectors].empty();
  if (replays == !block.axes[Axis::network].empty()) json.fail("", "expected either networks or vectors");
  if (replays) {
    for (const Axis axis : kOfRuns) {
      if (!block.axes[axis].empty()) json.fail(std::string(to_string(axis)), "goes with networks, not with vectors");
    }
  }
  constexpr std::size_t kLongest = 4096;
  if (!replays && json.has("dataset")) block.dataset = json.text("dataset", 1, kLongest);
  if (json.has("kind")) block.kind = json.text("kind", 1, kLongest);
  if (!block.kind.empty() && block.kind != "edit" && block.kind != "speed") json.fail("kind", "expected edit or speed");
  if (!replays && json.has("skip_unfit")) block.skip_unfit = json.boolean("skip_unfit");
  constexpr double kLeast = 0.001, kMost = 1000;
  if (json.has("weight")) block.weight = json.number("weight", kLeast, kMost);
  if (json.has("exclude")) {
    for (JsonObject& one : json.objects("exclude", 1, kMostValues)) block.exclude.push_back(read_exclusion(one));
  }
  json.finish();
  set_defaults(block, own_design);
  return block;
}

Limits read_limits(JsonObject json) {
  Limits limits;
  constexpr std::int64_t kMostSeconds = 30LL * 24 * 3600, kMostMegabytes = 1 << 30;
  if (json.has("seconds")) limits.seconds = json.integer("seconds", 1, kMostSeconds);
  if (json.has("memory_mb")) limits.memory_mb = json.integer("memory_mb", 1, kMostMegabytes);
  json.finish();
  return limits;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// "0-9" leaves out itself alone: ranges are values as any other.
bool excludes(const Values& exclusion, const Point& point) {
  for (std::size_t i = 0; i < kAxes; ++i) {
    const std::vector<std::string>& values = exclusion.values[i];
    if (!values.empty() && std::ranges::find(values, point.values[i]) == values.end()) return false;
  }
  return true;
}

std::vector<std::string> drawn_seeds(std::int64_t count, const std::string& drawn_from) {
  std::vector<std::string> seeds;
  for (std::int64_t i = 0; i < count; ++i) {
    constexpr int kDigits = 7, kHex = 16;  // below kLargest
    const std::string hash = base::sha256_of(fmt::format("{} seed {}", drawn_from, i));
    seeds.push_back(std::to_string(std::stoul(hash.substr(0, kDigits), nullptr, kHex)));
  }
  return seeds;
}

}  // namespace

Plan read_plan(const std::filesystem::path& file, const std::string& own_design) {
  constexpr std::uintmax_t kMostBytes = 1 << 22;
  constexpr std::size_t kMostBlocks = 1000, kLongestName = 64;
  JsonObject json = JsonObject::read(file, kMostBytes);
  (void)json.integer("version", 1, 1);
  Plan plan;
  plan.name = json.text("name", 1, kLongestName);
  if (json.has("limits")) plan.limits = read_limits(json.object("limits"));
  for (const JsonObject& block : json.objects("blocks", 1, kMostBlocks))
    plan.blocks.push_back(read_block(block, own_design));
  json.finish();
  plan.text = text_of(file);
  plan.own_design = own_design;
  return plan;
}

std::vector<Point> points_of(const Block& block, const std::string& drawn_from) {
  Values axes = block.axes;
  std::ranges::move(drawn_seeds(block.auto_seeds, drawn_from), std::back_inserter(axes[Axis::seed]));
  std::vector<Point> points(1);
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    if (axes.values[axis].empty()) continue;
    std::vector<Point> more;
    more.reserve(points.size() * axes.values[axis].size());
    for (const Point& point : points) {
      for (const std::string& value : axes.values[axis]) {
        more.push_back(point);
        more.back().values[axis] = value;
      }
    }
    points = std::move(more);
  }
  std::erase_if(points, [&block](const Point& point) {
    return std::ranges::any_of(block.exclude, [&point](const Values& one) { return excludes(one, point); });
  });
  return points;
}

}  // namespace systole::regress
