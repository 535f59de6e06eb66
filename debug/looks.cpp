// SPDX-License-Identifier: Apache-2.0
#include "debug/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

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
  if (pairs + 1 < kFewest) return {};
  if (late == pairs) return "a cycle late, or a beat twice";
  return early == pairs ? "a cycle early, or a beat lost" : "";
}

bool beyond(std::int64_t value, std::int64_t bound) { return bound < 0 ? value < bound : value > bound; }

/// 127, -128 and the like.
bool is_bound(std::int64_t value) {
  return (value > 3 || value < -3) && std::has_single_bit(static_cast<std::uint64_t>(value < 0 ? -value : value + 1));
}

std::string saturation(const Values& values) {
  const std::int64_t golden = values.front().golden, rtl = values.front().rtl;
  if (is_bound(golden) && !varies(values, golden_of)) {
    if (all(values, [golden](const Value& v) { return beyond(v.rtl, golden); }))
      return fmt::format("not limited to {}", golden);
    if (all(values, [golden](const Value& v) { return v.rtl != 0 && (v.rtl < 0) != (golden < 0); }) &&
        values.size() > 1)
      return fmt::format("wrapped around in place of limited to {}", golden);
  }
  if (values.size() >= kFewest && is_bound(rtl) && !varies(values, rtl_of) &&
      all(values, [rtl](const Value& v) { return beyond(v.golden, rtl); }))
    return fmt::format("limited to {} too early", rtl);
  return {};
}

std::string one_bit(const Values& values, int bits) {
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const auto wrong = [mask](const Value& v) { return static_cast<std::uint64_t>(v.rtl ^ v.golden) & mask; };
  if (!std::has_single_bit(wrong(values.front())) || varies(values, wrong)) return {};
  const int bit = std::countr_zero(wrong(values.front()));
  if (bit == 0 && values.size() < kFewest) return {};  // as likely a rounding
  const auto rtl_bit = [bit](const Value& v) { return v.rtl >> bit & 1; };
  if (values.size() < kFewest) return fmt::format("bit {} alone is wrong", bit);
  if (varies(values, rtl_bit)) return fmt::format("bit {} is inverted", bit);
  return fmt::format("bit {} stays {}", bit, rtl_bit(values.front()));
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

/// Whether `a` is `b` times 2^shift, rounded down where that is negative.
bool is_shifted(std::int64_t a, std::int64_t b, int shift) {
  return a == (shift >= 0 ? static_cast<std::int64_t>(static_cast<std::uint64_t>(b) << shift) : b >> -shift);
}

std::string shift(const Values& values) {
  if (values.size() < kFewest || !varies(values, golden_of)) return {};
  if (all(values, [](const Value& v) { return v.rtl == -v.golden; })) return "of the wrong sign";
  for (int by = -8; by <= 8; ++by) {
    if (by == 0 || !all(values, [by](const Value& v) { return is_shifted(v.rtl, v.golden, by); })) continue;
    return fmt::format("shifted {} by {} too far", by > 0 ? "left" : "right", by > 0 ? by : -by);
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

}  // namespace

std::string how_it_looks(const std::vector<Mismatch>& series, const std::vector<Mismatch>& cycle, const Word& word) {
  if (series.empty() || word.bits < 2 || word.bits > 64) return {};  // a flag has but one way to be wrong
  Values values;
  for (const Mismatch& m : series) values.push_back({m.cycle, number(m.rtl, word), number(m.golden, word)});
  std::vector<std::string> all{columns(cycle, word), time(values)};
  if (word.bits >= kFewestBits) {
    const std::string of_numbers[] = {saturation(values), one_bit(values, word.bits),
                                      rounding(values),   constant(values),
                                      shift(values),      offset(values, word)};
    all.insert(all.end(), std::begin(of_numbers), std::end(of_numbers));
  }
  const auto first = std::ranges::find_if(all, [](const std::string& looks) { return !looks.empty(); });
  return first == all.end() ? std::string() : *first;
}

}  // namespace systole::debug
