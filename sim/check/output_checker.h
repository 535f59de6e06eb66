// SPDX-License-Identifier: Apache-2.0
#pragma once
// What leaves the design: every beat of the out stream, and at a layer's end its whole output tensor.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/op/tensor.h"
#include "sim/check/mismatch.h"

namespace systole::check {

/// Compares out beats, lane by lane, unused lanes included.
class OutputChecker {
 public:
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  void plant(const PlantedFault& fault) { fault_ = fault; }

  /// Beat number `beat` since the start of the run. Whether all lanes are equal; both spans hold one value a column.
  bool equal(std::uint64_t beat, std::span<const std::int32_t> rtl, std::span<const std::int32_t> golden);
  /// The lanes that differ; `cycle` is for the report.
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t beat, std::uint64_t cycle,
                                                  std::span<const std::int32_t> rtl,
                                                  std::span<const std::int32_t> golden) const;

 private:
  PlantedFault fault_;
  std::vector<std::int32_t> planted_;
  std::uint64_t compared_ = 0;
};

/// Compares output tensors of whole layers, put together from the beats, with the golden's.
class TensorChecker {
 public:
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  void plant(const PlantedFault& fault) { fault_ = fault; }

  /// Tensor number `number` since the start of the run: the elements that differ, at most `limit`; a shape that differs
  /// is reported as its element count. Coordinates are oc, oh, ow.
  std::vector<Mismatch> compare(std::uint64_t number, std::uint64_t cycle, const op::Tensor& rtl,
                                const op::Tensor& golden, std::size_t limit);

 private:
  PlantedFault fault_;
  std::uint64_t compared_ = 0;
};

}  // namespace systole::check
