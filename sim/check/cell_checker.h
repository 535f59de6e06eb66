// SPDX-License-Identifier: Apache-2.0
#pragma once
// Weight, activation and psum of every cell of the array, every cycle.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/check/mismatch.h"

namespace systole::check {

/// One register of every cell, row major: address of its storage (1, 2 or 4 bytes holding `bits` two's complement bits,
/// zeros above).
struct CellSource {
  std::vector<const void*> at;
  int bits = 0;
  std::size_t bytes = 0;
};

/// Compares one register of all cells with its expected values. The fast path is chosen once: Verilator lays equal
/// registers of equal cells at a constant distance, so that the addresses need not be loaded; where it does not, they
/// are.
class CellRegisterChecker {
 public:
  CellRegisterChecker(std::string_view name, int cols, const CellSource& source);

  /// Bits in which any cell differs; `expected` holds one value a cell, row major.
  [[nodiscard]] std::uint32_t difference(const std::int32_t* expected) const { return compare_(*this, expected); }

  [[nodiscard]] std::size_t cells() const { return source_.at.size(); }
  [[nodiscard]] std::int32_t value(std::size_t cell) const;  ///< sign extended
  [[nodiscard]] std::string signal(std::size_t cell) const;  ///< "u_array.pe[r][c].name"

 private:
  using Compare = std::uint32_t (*)(const CellRegisterChecker&, const std::int32_t*);
  template <class Word>
  static std::uint32_t compare_scattered(const CellRegisterChecker& self, const std::int32_t* expected);
  template <class Word, std::size_t Stride>
  static std::uint32_t compare_strided(const CellRegisterChecker& self, const std::int32_t* expected);
  template <class Word>
  static Compare choose(std::ptrdiff_t stride_bytes);
  [[nodiscard]] std::ptrdiff_t constant_stride() const;

  std::string_view name_;
  int cols_;
  CellSource source_;
  std::uint32_t mask_;
  Compare compare_ = nullptr;
};

class CellChecker {
 public:
  /// Row-major sources of the three registers.
  CellChecker(int cols, const CellSource& weight, const CellSource& act, const CellSource& psum);

  [[nodiscard]] std::size_t values_per_cycle() const { return 3 * registers_[0].cells(); }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  void plant(const PlantedFault& fault) { fault_ = fault; }

  /// Whether all registers have their expected values after edge `cycle`.
  bool equal(std::uint64_t cycle, const std::int32_t* weight, const std::int32_t* act, const std::int32_t* psum) {
    compared_ += values_per_cycle();
    if (cycle == fault_.cycle) [[unlikely]]
      return false;
    return (registers_[0].difference(weight) | registers_[1].difference(act) | registers_[2].difference(psum)) == 0;
  }

  /// The values that differ, at most `limit`. Mismatch::index = register * cells + cell.
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, const std::int32_t* weight,
                                                  const std::int32_t* act, const std::int32_t* psum,
                                                  std::size_t limit) const;

 private:
  std::array<CellRegisterChecker, 3> registers_;
  PlantedFault fault_;
  std::uint64_t compared_ = 0;
};

}  // namespace systole::check
