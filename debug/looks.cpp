// SPDX-License-Identifier: Apache-2.0
#include "debug/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>

#include "debug/step_record.h"

namespace systole::debug {
namespace {

using check::Mismatch;

/// Fewer values prove nothing that goes over cycles.
constexpr std::size_t kFewest = 3;

struct Value {
  std::uint64_t cycle = 0;
  std::int64_t rtl = 0, golden = 0;
  [[nodiscard]] std::int64_t error() const { return rtl - golden; }
};
using Values = std::vector<Value>;

/// The lowest bits as a number of the word's kind, whichever way they came.
std::int64_t number(std::int64_t value, const Word& word) {
  const int unused = 64 - word.bits;
  const std::uint64_t high = static_cast<std::uint64_t>(value) << unused;
  return word.is_signed ? static_cast<std::int64_t>(high) >> unused : static_cast<std::int64_t>(high >> unused);
}

template <class Is>
bool all(const Values& values, const Is& is) {
  return std::ranges::all_of(values, is);
}
template <class Of>
bool varies(const Values& values, const Of& of) {
  return std::ranges::any_of(values, [&](const Value& v) { return of(v) != of(values.front()); });
}
std::int64_t golden_of(const Value& v) { return v.golden; }
std::int64_t rtl_of(const Value& v) { return v.rtl; }

/// What the values of one cycle have to do with those of other columns.
std::string columns(const std::vector<Mismatch>& cycle, const Word& word) {
  Values values;  // of one kind of register, column by column
  for (const Mismatch& m : cycle) {
    const auto kind = [](const std::string& signal) { return signal.substr(0, signal.find_last_of('[')); };
    const bool same = m.checker == cycle.front().checker && m.signal.size() == cycle.front().signal.size() &&
                      kind(m.signal).substr(0, kind(m.signal).find('[')) ==
                          kind(cycle.front().signal).substr(0, kind(cycle.front().signal).find('['));
    if (same) values.push_back({m.cycle, number(m.rtl, word), number(m.golden, word)});
  }
  if (values.size() < kFewest || !varies(values, golden_of)) return {};
  bool reversed = true;
  for (std::size_t i = 0; i < values.size(); ++i) reversed &= values[i].rtl == values[values.size() - 1 - i].golden;
  if (reversed) return "the columns in reverse";
  for (const std::ptrdiff_t step : {1, -1}) {
    std::size_t met = 0, looked = 0;
    for (std::ptrdiff_t i = 0; i < std::ssize(values); ++i) {
      if (i + step < 0 || i + step >= std::ssize(values)) continue;
      ++looked;
      met += values[static_cast<std::size_t>(i)].rtl == values[static_cast<std::size_t>(i + step)].golden ? 1U : 0U;
    }
    if (met == looked) return fmt::format("the value of the {} column", step > 0 ? "next" : "previous");
  }
  return {};
}

/// Whether the register is a cycle late or early, as far as cycles follow each other.
std::string time(const Values& values) {
  std::size_t pairs = 0, late = 0, early = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    const Value &before = values[i], &after = values[i + 1];
    if (after.cycle != before.cycle + 1 || before.golden == after.golden) continue;
    ++pairs;
    late += after.rtl == before.golden ? 1U : 0U;
    early += before.rtl == after.golden ? 1U : 0U;
  }
  if (pairs < kFewest) return {};
  if (late == pairs) return "a cycle late, or a beat twice";
  return early == pairs ? "a cycle early, or a beat lost" : "";
}

bool beyond(std::int64_t value, std::int64_t bound) { return bound < 0 ? value < bound : value > bound; }

/// 127, -128 and the like.
bool is_bound(std::int64_t value) {
  return (value > 3 || value < -3) && std::has_single_bit(static_cast<std::uint64_t>(value < 0 ? -value : value + 1));
}

template <class Of>
bool takes_a_few(const Values& values, const Of& of) {
  std::set<std::int64_t> seen;
  for (const Value& v : values) seen.insert(of(v));
  return seen.size() >= kFewest;
}

/// Values on one side of a golden that is always the same: of any bound where there are several.
bool passes_bound(const Values& values) {
  const std::int64_t golden = values.front().golden;
  if (is_bound(golden) && all(values, [golden](const Value& v) { return beyond(v.rtl, golden); })) return true;
  return takes_a_few(values, rtl_of) && (all(values, [](const Value& v) { return v.rtl > v.golden; }) ||
                                         all(values, [](const Value& v) { return v.rtl < v.golden; }));
}

std::string limit(const Values& values, const Word& word) {
  const std::int64_t golden = values.front().golden;
  const auto other_sign = [golden](const Value& v) { return v.rtl != 0 && (v.rtl < 0) != (golden < 0); };
  if (is_bound(golden) && values.size() > 1 && all(values, other_sign))
    return fmt::format("wrapped around in place of limited to {}", golden);
  const bool is_count = values.front().rtl == 1;
  if (golden == 0 && is_count) return {};
  if (passes_bound(values) && (golden != 0 || word.is_signed)) return fmt::format("not limited to {}", golden);
  return golden == 0 && takes_a_few(values, rtl_of) ? "not cleared" : "";
}

std::string saturation(const Values& values, const Word& word) {
  if (!varies(values, golden_of)) {
    if (std::string looks = limit(values, word); !looks.empty()) return looks;
  }
  const std::int64_t rtl = values.front().rtl;
  if (values.size() >= kFewest && is_bound(rtl) && !varies(values, rtl_of) &&
      all(values, [rtl](const Value& v) { return beyond(v.golden, rtl); }))
    return fmt::format("limited to {} too early", rtl);
  return {};
}

std::string one_bit(const Values& values, const Word& word) {
  const std::uint64_t mask = word.bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << word.bits) - 1;
  const auto wrong = [mask](const Value& v) { return static_cast<std::uint64_t>(v.rtl ^ v.golden) & mask; };
  if (!std::has_single_bit(wrong(values.front())) || varies(values, wrong)) return {};
  const int bit = std::countr_zero(wrong(values.front()));
  if (bit == 0 && values.size() < kFewest) return {};  // as likely a rounding
  const auto rtl_bit = [bit](const Value& v) { return v.rtl >> bit & 1; };
  const std::string name = fmt::format("bit {}{}", bit, word.is_signed && bit == word.bits - 1 ? ", the sign," : "");
  if (values.size() < kFewest) return name + " alone is wrong";
  if (varies(values, rtl_bit)) return name + " is inverted";
  return fmt::format("{} stays {}", name, rtl_bit(values.front()));
}

std::string rounding(const Values& values) {
  if (!all(values, [](const Value& v) { return v.error() == 1 || v.error() == -1; })) return {};
  if (varies(values, [](const Value& v) { return v.error(); }))
    return "one too high or too low, as of a wrong rounding or count";
  return fmt::format("one too {}, as of a wrong rounding or count", values.front().error() > 0 ? "high" : "low");
}

std::string constant(const Values& values) {
  if (values.size() < kFewest || varies(values, rtl_of) || !varies(values, golden_of)) return {};
  return fmt::format("stays at {}", values.front().rtl);
}

/// Whether `less` is `more` without its lowest `by` bits, rounded down or up. Small numbers are that of anything.
template <class More, class Less>
bool are_shifted(const Values& values, int by, const More& more, const Less& less) {
  constexpr std::int64_t kSmall = 16;
  const auto is_large = [&](const Value& v) { return less(v) >= kSmall || less(v) <= -kSmall; };
  const auto is_shifted = [&](const Value& v) {
    const std::int64_t error = less(v) - (more(v) >> by);
    return error == 0 || error == 1;
  };
  return std::ranges::any_of(values, is_large) && all(values, is_shifted);
}

std::string shift(const Values& values) {
  constexpr int kMost = 40;
  if (values.size() < kFewest || !varies(values, golden_of)) return {};
  if (all(values, [](const Value& v) { return v.rtl == -v.golden; })) return "of the wrong sign";
  for (int by = 1; by <= kMost; ++by) {
    const std::int64_t lowest = (std::int64_t{1} << by) - 1;
    const auto is_multiple = [&](const Value& v) { return (v.rtl & lowest) == 0 && v.rtl >> by == v.golden; };
    const bool exactly = takes_a_few(values, golden_of) && all(values, is_multiple);
    if (exactly || are_shifted(values, by, rtl_of, golden_of)) return fmt::format("shifted left by {} too far", by);
    if (are_shifted(values, by, golden_of, rtl_of)) return fmt::format("shifted right by {} too far", by);
  }
  return {};
}

std::string offset(const Values& values, const Word& word) {
  if (values.size() < kFewest || !varies(values, golden_of)) return {};
  // Sums wrap around as the register does.
  const auto error = [&word](const Value& v) { return number(v.error(), {.bits = word.bits}); };
  if (varies(values, error)) return {};
  const std::int64_t by = word.is_signed ? error(values.front()) : values.front().error();
  return fmt::format("always {} too {}", by < 0 ? -by : by, by < 0 ? "low" : "high");
}

/// The bits of one of the numbers that a word holds side by side.
std::int64_t lane_of(std::int64_t value, const Word& word, int lane) {
  return number(value >> (lane * word.lane_bits - word.first_bit), {.bits = word.lane_bits});
}

/// The first lane, all of whose bits are here, in which the values differ, or -1.
int wrong_lane(const Mismatch& m, const Word& word) {
  for (int lane = (word.first_bit + word.lane_bits - 1) / word.lane_bits;
       (lane + 1) * word.lane_bits <= word.first_bit + word.bits; ++lane) {
    if (lane_of(m.rtl, word, lane) != lane_of(m.golden, word, lane)) return lane;
  }
  return -1;
}

/// What several cycles of one number have in common.
std::string cycles(const Values& values, const Word& word) {
  std::vector<std::string> all{time(values)};
  if (word.bits >= kFewestBits) {
    const std::string of_numbers[] = {saturation(values, word), one_bit(values, word), rounding(values),
                                      constant(values),         shift(values),         offset(values, word)};
    all.insert(all.end(), std::begin(of_numbers), std::end(of_numbers));
  }
  const auto first = std::ranges::find_if(all, [](const std::string& looks) { return !looks.empty(); });
  return first == all.end() ? std::string() : *first;
}

/// What explains all values; or else the first ones, before what they led to came back.
std::string first_cycles(const Values& values, const Word& word) {
  constexpr std::size_t kFirst = 8;
  std::string looks = cycles(values, word);
  if (!looks.empty() || values.size() <= kFirst) return looks;
  looks = cycles({values.begin(), values.begin() + kFirst}, word);
  return looks.empty() ? looks : "at first " + looks;
}

std::string reset(const Values& values) {
  const bool stays = values.size() >= kFewest && !varies(values, golden_of) && !varies(values, rtl_of);
  return values.front().cycle <= 1 && stays ? "wrong from reset on" : "";
}

std::string padding(const std::vector<Mismatch>& series) {
  const auto in_padding = [](const Mismatch& m) { return m.coordinate.ends_with("padding"); };
  return series.size() >= kFewest && std::ranges::all_of(series, in_padding) ? "wrong in the padding alone" : "";
}

std::string step(const Value& first, std::int64_t before) {
  if (first.golden == before) return "changes where it should keep its value";
  return first.rtl == before ? "keeps its value where it should change" : "";
}

}  // namespace

std::string how_it_looks(const std::vector<Mismatch>& series, const std::vector<Mismatch>& cycle, const Word& word,
                         std::optional<std::int64_t> before) {
  if (series.empty() || word.bits < 1 || word.bits > 64) return {};
  Values values;
  for (const Mismatch& m : series) values.push_back({m.cycle, number(m.rtl, word), number(m.golden, word)});
  std::string looks = padding(series);
  if (looks.empty()) looks = reset(values);
  if (looks.empty() && word.bits > 1) looks = columns(cycle, word);
  const int lane = word.lane_bits > 0 ? wrong_lane(series.front(), word) : -1;
  if (looks.empty() && lane >= 0) {
    Values of_lane;
    for (const Mismatch& m : series) {
      const Value value{m.cycle, lane_of(m.rtl, word, lane), lane_of(m.golden, word, lane)};
      if (value.error() != 0) of_lane.push_back(value);
    }
    looks = first_cycles(of_lane, {.bits = word.lane_bits});
    if (!looks.empty()) looks += fmt::format(" in lane {}", lane);
  } else if (looks.empty() && word.lane_bits == 0 && word.bits > 1) {
    looks = first_cycles(values, word);
  }
  return looks.empty() && before ? step(values.front(), number(*before, word)) : looks;
}

Word word_of(const port::PinMap& pins, const std::string& signal) {
  const SignalPart part = part_of(signal);
  for (const port::RegisterBank& bank : pins.registers) {
    const bool is_one = std::ranges::any_of(bank.path, [&part](const std::string& path) {
      return part.path == path || (part.path.starts_with(path) && part.path[path.size()] == '[');
    });
    if (!is_one) continue;
    if (part.last < part.first) return {.bits = bank.bits, .is_signed = bank.is_signed, .lane_bits = bank.lane_bits};
    return {.bits = part.last - part.first + 1, .lane_bits = bank.lane_bits, .first_bit = part.first};
  }
  const auto pin = std::ranges::find(pins.watched, signal, &port::OutPin::name);
  return pin == pins.watched.end() ? Word{} : Word{.bits = pin->bits, .is_signed = false};
}

}  // namespace systole::debug
