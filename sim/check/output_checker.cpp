// SPDX-License-Identifier: Apache-2.0
#include "sim/check/output_checker.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::check {

bool OutputChecker::equal(std::uint64_t beat, std::span<const std::int32_t> rtl, std::span<const std::int32_t> golden) {
  compared_ += rtl.size();
  if (beat == fault_.at && fault_.index < golden.size()) [[unlikely]] {
    // A planted bit goes through the comparison itself: what it shows is that this one sees.
    planted_.assign(golden.begin(), golden.end());
    planted_[fault_.index] ^= std::int32_t{1} << fault_.bit;
    golden = planted_;
  }
  return std::equal(rtl.begin(), rtl.end(), golden.begin(), golden.end());
}

std::vector<Mismatch> OutputChecker::differences(std::uint64_t beat, std::uint64_t cycle,
                                                 std::span<const std::int32_t> rtl,
                                                 std::span<const std::int32_t> golden) const {
  std::vector<Mismatch> found;
  for (std::size_t lane = 0; lane < rtl.size(); ++lane) {
    std::int32_t expected = golden[lane];
    if (beat == fault_.at && lane == fault_.index) expected ^= std::int32_t{1} << fault_.bit;
    if (rtl[lane] == expected) continue;
    found.push_back({.checker = Checker::outputs,
                     .signal = fmt::format("out beat {} lane {}", beat, lane),
                     .cycle = cycle,
                     .index = lane,
                     .rtl = rtl[lane],
                     .golden = expected,
                     .coordinate = {}});
  }
  return found;
}

std::vector<Mismatch> TensorChecker::compare(std::uint64_t number, std::uint64_t cycle, const op::Tensor& rtl,
                                             const op::Tensor& golden, std::size_t limit) {
  const auto mismatch = [&](std::size_t index, std::int64_t actual, std::int64_t expected, std::string coordinate) {
    return Mismatch{Checker::tensor, "output tensor", cycle, index, actual, expected, std::move(coordinate)};
  };
  if (rtl.height != golden.height || rtl.width != golden.width || rtl.channels() != golden.channels()) {
    return {mismatch(0, rtl.data.size(), golden.data.size(), "elements")};
  }
  std::vector<Mismatch> found;
  const auto elements = static_cast<std::size_t>(golden.data.size());
  const auto channels = static_cast<std::size_t>(golden.channels()), width = static_cast<std::size_t>(golden.width);
  compared_ += elements;
  for (std::size_t i = 0; i < elements && found.size() < limit; ++i) {
    std::int32_t expected = golden.data.data()[i];
    if (number == fault_.at && i == fault_.index) expected ^= std::int32_t{1} << fault_.bit;
    const std::int32_t actual = rtl.data.data()[i];
    if (actual == expected) continue;
    const std::size_t pixel = i / channels;
    found.push_back(
        mismatch(i, actual, expected, fmt::format("oc {} oh {} ow {}", i % channels, pixel / width, pixel % width)));
  }
  return found;
}

}  // namespace systole::check
