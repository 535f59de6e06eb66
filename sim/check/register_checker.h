// SPDX-License-Identifier: Apache-2.0
#pragma once
// The watched registers of a design, every cycle.
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "sim/check/mismatch.h"
#include "sim/port/pin_map.h"

namespace systole::check {

/// Expected values of a bank: RegisterBank::words() words for each of its registers, or for word `address` of each of
/// its memories; those of at most 32 bits sign extended where they are signed. Null where nothing is known of them: not
/// compared.
struct ExpectedBank {
  const std::int32_t* values = nullptr;
  std::size_t address = 0;
};

/// Compares one bank with its expected values. The fast path is chosen once: Verilator lays equal registers of equal
/// cells at a constant distance, or most of them 8 bytes apart, so that the addresses need not be loaded; where it does
/// not, they are.
class BankChecker {
 public:
  /// Throws std::invalid_argument for a bank without cells, with another number of bits than its storage holds, or of
  /// another storage than 1, 2 or whole words.
  explicit BankChecker(const port::RegisterBank& bank);

  /// Not 0 where any cell differs.
  [[nodiscard]] std::uint32_t difference(const ExpectedBank& expected) const {
    return compare_(*this, expected.values, expected.address * bank_.bytes);
  }

  [[nodiscard]] std::size_t cells() const { return bank_.at.size(); }
  [[nodiscard]] std::size_t words() const { return words_; }
  /// Signal and both values of a cell that differs; false where it does not. Of more than 64 bits the first word that
  /// differs.
  bool describe(std::size_t cell, const ExpectedBank& expected, Mismatch& mismatch) const;

 private:
  using Compare = std::uint32_t (*)(const BankChecker&, const std::int32_t*, std::size_t);
  template <class Word>
  [[nodiscard]] Word scattered_difference(const std::int32_t* expected, std::size_t offset, std::size_t cell) const;
  template <class Word>
  static std::uint32_t compare_scattered(const BankChecker& self, const std::int32_t* expected, std::size_t offset);
  template <class Word>
  static std::uint32_t compare_eight_apart(const BankChecker& self, const std::int32_t* expected, std::size_t offset);
  template <class Word, std::size_t Stride>
  static std::uint32_t compare_strided(const BankChecker& self, const std::int32_t* expected, std::size_t offset);
  static std::uint32_t compare_wide(const BankChecker& self, const std::int32_t* expected, std::size_t offset);
  template <class Word>
  Compare choose();
  /// How many cells, from the first on, stand that far apart.
  [[nodiscard]] std::size_t cells_at_distance(std::ptrdiff_t bytes) const;
  /// The low `bits` bits at `from` as a number.
  [[nodiscard]] std::int64_t number(const void* from, std::size_t bytes, int bits) const;

  port::RegisterBank bank_;
  std::size_t words_;
  std::uint32_t mask_;
  std::size_t eight_apart_ = 0;  ///< cells, from the first on, that have another one 8 bytes behind them
  Compare compare_ = nullptr;
};

/// A bank of the pin map and a cell of it.
struct RegisterPlace {
  std::size_t bank = 0, cell = 0;
};

/// All banks of a design, or those that are not deep. Values are counted bank by bank, in the order of the pin map.
class RegisterChecker {
 public:
  /// `always[i]`: where the expected value of bank i stands in every cycle; null, or missing, where that is not known
  /// once and for all.
  RegisterChecker(const std::vector<port::RegisterBank>& banks, bool deep,
                  const std::vector<const std::int32_t*>& always = {});
  RegisterChecker(const RegisterChecker&) = delete;
  RegisterChecker& operator=(const RegisterChecker&) = delete;
  RegisterChecker(RegisterChecker&&) = delete;
  RegisterChecker& operator=(RegisterChecker&&) = delete;
  ~RegisterChecker() = default;

  [[nodiscard]] std::size_t values_per_cycle() const { return values_; }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  /// Values that were not compared because nothing was expected of them.
  [[nodiscard]] std::uint64_t unknown() const { return unknown_; }
  /// PlantedFault::at is then the first cycle, from that one on, in which the bank is compared.
  void plant(const PlantedFault& fault) {
    fault_ = fault;
    planted_in_ = kNever;
  }

  /// Whether all registers have their expected values after edge `cycle`; `expected(i)` is the ExpectedBank of bank i
  /// of the pin map.
  template <class Expected>
  bool equal(std::uint64_t cycle, const Expected& expected) {
    // A planted bit goes through the comparison itself: what it shows is that this one sees.
    if (cycle >= fault_.at) [[unlikely]]
      return compare_planted(cycle, expected);
    return compare(expected);
  }

  /// The values that differ, at most `limit`; `expected` holds those of each bank of the pin map. Mismatch::index
  /// counts the cells of the banks that are compared.
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, const std::vector<ExpectedBank>& expected,
                                                  std::size_t limit) const;
  /// Bank and cell of a Mismatch::index.
  [[nodiscard]] RegisterPlace place(std::size_t index) const;

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  /// A bank of one unsigned register whose expected value is always there, as most are: a call would cost more than
  /// its comparison.
  template <class Word>
  struct Single {
    const Word* rtl = nullptr;
    const std::int32_t* expected = nullptr;
    std::size_t bank = 0;  ///< in the pin map
  };
  template <class Word>
  using Singles = std::vector<Single<Word>>;
  struct Several {
    const BankChecker* checker = nullptr;
    std::size_t bank = 0;
  };

  template <class Expected>
  bool compare(const Expected& expected) {
    std::uint32_t difference = 0;
    const auto compare_singles = [&difference](const auto& singles) {
      for (const auto& single : singles)
        difference |= *single.rtl ^ static_cast<std::remove_cvref_t<decltype(*single.rtl)>>(*single.expected);
    };
    std::apply([&](const auto&... singles) { (compare_singles(singles), ...); }, singles_);
    std::size_t unknown = 0;
    for (const Several& several : several_) {
      const ExpectedBank values = expected(several.bank);
      if (values.values == nullptr) {
        unknown += several.checker->cells();
        continue;
      }
      difference |= several.checker->difference(values);
    }
    compared_ += values_ - unknown;
    unknown_ += unknown;
    return difference == 0;
  }

  /// Every bank as always, the planted one against its planted values.
  template <class Expected>
  bool compare_planted(std::uint64_t cycle, const Expected& expected) {
    const std::size_t faulty = bank_of_[compared_place(fault_.index).bank];
    const ExpectedBank as_it_is = expected(faulty), with_fault = planted(cycle, faulty, as_it_is);
    expect(faulty, with_fault.values);
    const bool equal = compare([&](std::size_t bank) { return bank == faulty ? with_fault : expected(bank); });
    expect(faulty, as_it_is.values);
    return equal;
  }

  template <class Word>
  void add_single(const port::RegisterBank& bank, std::size_t index, const std::int32_t* expected);
  /// Where that bank is a single one, its expected value stands there.
  void expect(std::size_t bank, const std::int32_t* value);
  /// The expected values of a bank, in planted_ with the bit flipped where it is in that bank.
  ExpectedBank planted(std::uint64_t cycle, std::size_t bank, const ExpectedBank& expected);
  /// The i-th compared bank and cell of a Mismatch::index.
  [[nodiscard]] RegisterPlace compared_place(std::size_t index) const;

  std::vector<BankChecker> banks_;
  std::vector<std::size_t> bank_of_;  ///< in the pin map
  std::tuple<Singles<std::uint8_t>, Singles<std::uint16_t>, Singles<std::uint32_t>> singles_;
  std::vector<Several> several_;
  std::size_t values_ = 0;
  PlantedFault fault_;
  std::uint64_t planted_in_ = kNever;
  std::vector<std::int32_t> planted_;
  std::uint64_t compared_ = 0, unknown_ = 0;
};

}  // namespace systole::check
