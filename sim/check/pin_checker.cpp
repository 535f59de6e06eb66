// SPDX-License-Identifier: Apache-2.0
#include "sim/check/pin_checker.h"

#include <fmt/format.h>

#include <stdexcept>

namespace systole::check {
namespace {

constexpr std::array<std::string_view, PinChecker::kScalarPins> kNames{
    "cfg_ready_o",       "wgt_ready_o",   "act_ready_o", "out_valid_o",    "out_last_o",
    "state_o",           "overflow_o",    "cnt_busy_o",  "cnt_stall_in_o", "cnt_stall_out_o",
    "cnt_weight_load_o", "cnt_compute_o", "cnt_drain_o"};

std::string pin_name(std::size_t index) {
  if (index < kNames.size()) return std::string(kNames[index]);
  return fmt::format("out_data_o[{}]", index - kNames.size());
}

}  // namespace

void unpack_lanes(const void* packed, int cols, int width, std::int32_t* lanes) {
  const auto* bytes = static_cast<const unsigned char*>(packed);
  if (width == 32 || width == 16) {
    for (int lane = 0; lane < cols; ++lane) {
      std::int16_t half = 0;
      if (width == 32) {
        std::memcpy(lanes + lane, bytes + std::ptrdiff_t{lane} * 4, 4);
      } else {
        std::memcpy(&half, bytes + std::ptrdiff_t{lane} * 2, 2);
        lanes[lane] = half;
      }
    }
    return;
  }
  for (int lane = 0; lane < cols; ++lane) {
    std::uint32_t value = 0;
    for (int bit = 0; bit < width; ++bit) {
      const int place = lane * width + bit;
      value |= std::uint32_t(bytes[place / 8] >> (place % 8) & 1) << bit;
    }
    const std::uint32_t sign = std::uint32_t{1} << (width - 1);
    lanes[lane] = static_cast<std::int32_t>((value ^ sign) - sign);
  }
}

PinChecker::PinChecker(const PinSource& source) : source_(source) {
  if (source.cols < 1 || source.cols > 32 || source.psum_width < 2 || source.psum_width > 32 ||
      source.overflow_bytes > 4) {
    throw std::invalid_argument("PinSource: cols 1 .. 32 and psum_width 2 .. 32 expected");
  }
}

std::vector<std::int64_t> PinChecker::actual_values() const {
  const PinSource& s = source_;
  std::vector<std::int64_t> values{*s.cfg_ready, *s.wgt_ready, *s.act_ready, *s.out_valid,
                                   *s.out_last,  *s.state,     overflow()};
  for (const std::uint32_t* counter : s.counters) values.push_back(*counter);
  std::array<std::int32_t, 32> lanes{};
  unpack_lanes(s.out_data, s.cols, s.psum_width, lanes.data());
  values.insert(values.end(), lanes.begin(), lanes.begin() + s.cols);
  return values;
}

std::vector<std::int64_t> PinChecker::expected_values(const cycle::OutPins& e) const {
  std::vector<std::int64_t> values{e.cfg_ready, e.wgt_ready, e.act_ready, e.out_valid, e.out_last, e.state, e.overflow};
  for (const std::uint32_t counter : e.cnt) values.push_back(counter);
  values.insert(values.end(), e.out_data, e.out_data + source_.cols);
  return values;
}

std::vector<Mismatch> PinChecker::differences(std::uint64_t cycle, const cycle::OutPins& pins,
                                              std::size_t limit) const {
  const std::vector<std::int64_t> actual = actual_values();
  std::vector<std::int64_t> expected = expected_values(pins);
  if (cycle == fault_.cycle) expected.at(fault_.index) ^= std::int64_t{1} << fault_.bit;
  std::vector<Mismatch> found;
  for (std::size_t i = 0; i < actual.size() && found.size() < limit; ++i) {
    if (actual[i] == expected[i]) continue;
    found.push_back({.checker = Checker::pins,
                     .signal = pin_name(i),
                     .cycle = cycle,
                     .index = i,
                     .rtl = actual[i],
                     .golden = expected[i],
                     .coordinate = {}});
  }
  return found;
}

}  // namespace systole::check
