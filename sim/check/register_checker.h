// SPDX-License-Identifier: Apache-2.0
#pragma once
// The watched registers of every cell of an array, every cycle.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/check/mismatch.h"
#include "sim/port/pin_map.h"

namespace systole::check {

/// Compares one bank with its expected values. The fast path is chosen once: Verilator lays equal registers of equal
/// cells at a constant distance, so that the addresses need not be loaded; where it does not, they are.
class BankChecker {
 public:
  /// Throws std::invalid_argument for a bank without cells, of more than 32 bits or of another storage than 1, 2 or 4
  /// bytes.
  explicit BankChecker(const port::RegisterBank& bank);

  /// Bits in which any cell differs; `expected` holds one value a cell, row major.
  [[nodiscard]] std::uint32_t difference(const std::int32_t* expected) const { return compare_(*this, expected); }

  [[nodiscard]] std::size_t cells() const { return bank_.at.size(); }
  [[nodiscard]] std::int32_t value(std::size_t cell) const;  ///< sign extended
  [[nodiscard]] const std::string& signal(std::size_t cell) const { return bank_.path[cell]; }

 private:
  using Compare = std::uint32_t (*)(const BankChecker&, const std::int32_t*);
  template <class Word>
  static std::uint32_t compare_scattered(const BankChecker& self, const std::int32_t* expected);
  template <class Word, std::size_t Stride>
  static std::uint32_t compare_strided(const BankChecker& self, const std::int32_t* expected);
  template <class Word>
  static Compare choose(std::ptrdiff_t stride_bytes);
  [[nodiscard]] std::ptrdiff_t constant_stride() const;

  port::RegisterBank bank_;
  std::uint32_t mask_;
  Compare compare_ = nullptr;
};

/// A bank and a cell of it.
struct RegisterPlace {
  std::size_t bank = 0, cell = 0;
};

/// All banks of a design. Values are counted bank by bank, in the order of the pin map.
class RegisterChecker {
 public:
  explicit RegisterChecker(const std::vector<port::RegisterBank>& banks);

  [[nodiscard]] std::size_t values_per_cycle() const { return values_; }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  void plant(const PlantedFault& fault) { fault_ = fault; }

  /// Whether all registers have their expected values after edge `cycle`; `expected(i)` points to those of bank i.
  template <class Expected>
  bool equal(std::uint64_t cycle, const Expected& expected) {
    compared_ += values_;
    std::uint32_t difference = 0;
    for (std::size_t i = 0; i < banks_.size(); ++i) {
      const std::int32_t* values = expected(i);
      // A planted bit goes through the comparison itself: what it shows is that this one sees.
      if (cycle == fault_.at) [[unlikely]]
        values = planted(i, values);
      difference |= banks_[i].difference(values);
    }
    return difference == 0;
  }

  /// The values that differ, at most `limit`; `expected` holds a pointer for each bank. Mismatch::index counts all
  /// banks' cells.
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, const std::vector<const std::int32_t*>& expected,
                                                  std::size_t limit) const;
  /// Bank and cell of a Mismatch::index.
  [[nodiscard]] RegisterPlace place(std::size_t index) const;

 private:
  /// The expected values of a bank, in planted_ with the bit flipped where it is in that bank.
  const std::int32_t* planted(std::size_t bank, const std::int32_t* expected);

  std::vector<BankChecker> banks_;
  std::size_t values_ = 0;
  PlantedFault fault_;
  std::vector<std::int32_t> planted_;
  std::uint64_t compared_ = 0;
};

}  // namespace systole::check
