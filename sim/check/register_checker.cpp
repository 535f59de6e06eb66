// SPDX-License-Identifier: Apache-2.0
#include "sim/check/register_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace systole::check {
namespace {

constexpr std::uint32_t low_bits(int bits) { return bits >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << bits) - 1; }

}  // namespace

/// Over the cells from `cell` on.
template <class Word>
Word BankChecker::scattered_difference(const std::int32_t* expected, std::size_t offset, std::size_t cell) const {
  const void* const* at = bank_.at.data();
  const auto cell_difference = [at, expected, offset](std::size_t i) {
    constexpr std::size_t kWords = sizeof(Word) > sizeof(std::int32_t) ? 2 : 1;
    Word rtl, golden;
    std::memcpy(&rtl, static_cast<const unsigned char*>(at[i]) + offset, sizeof rtl);
    std::memcpy(&golden, expected + i * kWords, sizeof golden);  // the low bytes of its first word
    return static_cast<Word>(rtl ^ golden);
  };
  Word difference = 0;
  for (const std::size_t end = cells(); cell < end; ++cell) difference |= cell_difference(cell);
  return difference;
}

template <class Word>
std::uint32_t BankChecker::compare_scattered(const BankChecker& self, const std::int32_t* expected,
                                             std::size_t offset) {
  const Word difference = self.scattered_difference<Word>(expected, offset, 0);
  if constexpr (sizeof(Word) > sizeof(std::uint32_t)) return difference == 0 ? 0 : 1;
  return static_cast<std::uint32_t>(difference) & self.mask_;
}

// Loads of 8 bytes without gaps become vector loads; what stands beside a register is masked out at the end. A load
// ends where the next of these cells begins, so that it never leaves the model.
template <class Word>
std::uint32_t BankChecker::compare_eight_apart(const BankChecker& self, const std::int32_t* expected,
                                               std::size_t offset) {
  const unsigned char* first = static_cast<const unsigned char*>(self.bank_.at[0]) + offset;
  std::uint64_t difference = 0;
  for (std::size_t cell = 0; cell < self.eight_apart_; ++cell) {
    std::uint64_t rtl = 0;
    std::memcpy(&rtl, first + cell * sizeof rtl, sizeof rtl);
    difference |= rtl ^ static_cast<std::uint32_t>(expected[cell]);
  }
  const Word rest = self.scattered_difference<Word>(expected, offset, self.eight_apart_);
  return (static_cast<std::uint32_t>(difference) | rest) & self.mask_;
}

// Stride is in words, known at compile time so that the loads become vector shuffles.
template <class Word, std::size_t Stride>
std::uint32_t BankChecker::compare_strided(const BankChecker& self, const std::int32_t* expected, std::size_t offset) {
  const auto* first = reinterpret_cast<const Word*>(static_cast<const unsigned char*>(self.bank_.at[0]) + offset);
  const std::size_t cells = self.cells();
  std::uint32_t difference = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    difference |= first[cell * Stride] ^ static_cast<std::uint32_t>(expected[cell]);
  }
  return difference & self.mask_;
}

std::uint32_t BankChecker::compare_wide(const BankChecker& self, const std::int32_t* expected, std::size_t offset) {
  for (const void* at : self.bank_.at) {
    if (std::memcmp(static_cast<const unsigned char*>(at) + offset, expected, self.bank_.bytes) != 0) return 1;
    expected += self.words_;
  }
  return 0;
}

std::size_t BankChecker::cells_at_distance(std::ptrdiff_t bytes) const {
  const auto address = [this](std::size_t cell) { return static_cast<const char*>(bank_.at[cell]); };
  std::size_t cell = 1;
  while (cell < cells() && address(cell) - address(cell - 1) == bytes) ++cell;
  return cell;
}

template <class Word>
BankChecker::Compare BankChecker::choose() {
  constexpr auto kWord = static_cast<std::ptrdiff_t>(sizeof(Word));
  if (cells() == 1) return compare_scattered<Word>;
  if (cells_at_distance(kWord) == cells()) return compare_strided<Word, 1>;
  if (cells_at_distance(2 * kWord) == cells()) return compare_strided<Word, 2>;
  if (cells_at_distance(3 * kWord) == cells()) return compare_strided<Word, 3>;
  constexpr std::size_t kWorthIt = 8;
  eight_apart_ = cells_at_distance(sizeof(std::uint64_t)) - 1;
  return eight_apart_ >= kWorthIt ? compare_eight_apart<Word> : compare_scattered<Word>;
}

BankChecker::BankChecker(const port::RegisterBank& bank)
    : bank_(bank), words_(bank.words()), mask_(low_bits(bank.bits)) {
  const bool wide = bank.bytes > sizeof(std::uint32_t);
  const bool fits = wide ? bank.bytes == words_ * sizeof(std::uint32_t) : bank.bits <= static_cast<int>(bank.bytes * 8);
  if (bank.at.empty() || bank.path.size() != bank.at.size() || bank.bits < 1 || !fits) {
    throw std::invalid_argument(fmt::format("register bank {}: {} cells of {} bits with {} names", bank.name,
                                            bank.at.size(), bank.bits, bank.path.size()));
  }
  switch (bank.bytes) {
    case 1:
      compare_ = choose<std::uint8_t>();
      break;
    case 2:
      compare_ = choose<std::uint16_t>();
      break;
    case 4:
      compare_ = choose<std::uint32_t>();
      break;
    default:
      if (!wide) throw std::invalid_argument(fmt::format("register bank {}: {} bytes", bank.name, bank.bytes));
      compare_ = words_ == 2 ? compare_scattered<std::uint64_t> : compare_wide;
  }
}

std::int64_t BankChecker::number(const void* from, std::size_t bytes, int bits) const {
  std::uint64_t raw = 0;
  std::memcpy(&raw, from, bytes);
  if (bits < 64) raw &= (std::uint64_t{1} << bits) - 1;
  if (!bank_.is_signed) return static_cast<std::int64_t>(raw);
  const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
  return static_cast<std::int64_t>((raw ^ sign) - sign);
}

bool BankChecker::describe(std::size_t cell, const ExpectedBank& expected, Mismatch& mismatch) const {
  const auto* rtl = static_cast<const unsigned char*>(bank_.at[cell]) + expected.address * bank_.bytes;
  const auto* golden = reinterpret_cast<const unsigned char*>(expected.values + cell * words_);
  std::size_t bytes = bank_.bytes;
  int bits = bank_.bits;
  mismatch.signal = bank_.path[cell];
  if (bank_.depth != 0) mismatch.signal += fmt::format("[{}]", expected.address);
  if (bytes > sizeof(std::int64_t)) {
    std::size_t first = 0;
    while (first + sizeof(std::uint32_t) < bytes &&
           std::memcmp(rtl + first, golden + first, sizeof(std::uint32_t)) == 0)
      first += sizeof(std::uint32_t);
    const int low = static_cast<int>(first * 8), high = std::min(low + 32, bits) - 1;
    mismatch.signal += fmt::format("[{}:{}]", high, low);
    rtl += first;
    golden += first;
    bytes = sizeof(std::uint32_t);
    bits = high - low + 1;
  }
  mismatch.rtl = number(rtl, bytes, bits);
  mismatch.golden = number(golden, bytes, bits);
  return mismatch.rtl != mismatch.golden;
}

RegisterChecker::RegisterChecker(const std::vector<port::RegisterBank>& banks, bool deep,
                                 const std::vector<const std::int32_t*>& always) {
  for (std::size_t i = 0; i < banks.size(); ++i) {
    if ((banks[i].deep && !deep) || banks[i].at.empty()) continue;
    banks_.emplace_back(banks[i]);
    bank_of_.push_back(i);
    values_ += banks[i].at.size();
  }
  for (std::size_t i = 0; i < banks_.size(); ++i) {
    const std::size_t index = bank_of_[i];
    const port::RegisterBank& bank = banks[index];
    const std::int32_t* expected = index < always.size() ? always[index] : nullptr;
    const bool single = bank.at.size() == 1 && bank.depth == 0 && !bank.is_signed && expected != nullptr;
    if (single && bank.bytes == sizeof(std::uint8_t)) {
      add_single<std::uint8_t>(bank, index, expected);
    } else if (single && bank.bytes == sizeof(std::uint16_t)) {
      add_single<std::uint16_t>(bank, index, expected);
    } else if (single && bank.bytes == sizeof(std::uint32_t)) {
      add_single<std::uint32_t>(bank, index, expected);
    } else {
      several_.push_back({&banks_[i], index});
    }
  }
}

template <class Word>
void RegisterChecker::add_single(const port::RegisterBank& bank, std::size_t index, const std::int32_t* expected) {
  std::get<Singles<Word>>(singles_).push_back({static_cast<const Word*>(bank.at[0]), expected, index});
}

void RegisterChecker::expect(std::size_t bank, const std::int32_t* value) {
  const auto expect_in = [bank, value](auto& singles) {
    for (auto& single : singles) {
      if (single.bank == bank) single.expected = value;
    }
  };
  std::apply([&](auto&... singles) { (expect_in(singles), ...); }, singles_);
}

RegisterPlace RegisterChecker::compared_place(std::size_t index) const {
  std::size_t bank = 0;
  for (; index >= banks_.at(bank).cells(); ++bank) index -= banks_[bank].cells();
  return {bank, index};
}

RegisterPlace RegisterChecker::place(std::size_t index) const {
  const RegisterPlace place = compared_place(index);
  return {bank_of_[place.bank], place.cell};
}

ExpectedBank RegisterChecker::planted(std::uint64_t cycle, std::size_t bank, const ExpectedBank& expected) {
  if (planted_in_ != kNever && planted_in_ != cycle) fault_.at = kNever;
  const auto [faulty, cell] = compared_place(fault_.index);
  if (expected.values == nullptr || bank != bank_of_[faulty] || fault_.at == kNever) return expected;
  planted_in_ = cycle;
  const BankChecker& checker = banks_[faulty];
  planted_.assign(expected.values, expected.values + checker.cells() * checker.words());
  planted_[cell * checker.words()] ^= std::int32_t{1} << fault_.bit;
  return {planted_.data(), expected.address};
}

std::vector<Mismatch> RegisterChecker::differences(std::uint64_t cycle, const std::vector<ExpectedBank>& expected,
                                                   std::size_t limit) const {
  std::vector<Mismatch> found;
  for (std::size_t index = 0; index < values_ && found.size() < limit; ++index) {
    const auto [i, cell] = compared_place(index);
    ExpectedBank values = expected[bank_of_[i]];
    if (values.values == nullptr) continue;
    if (cycle == planted_in_ && compared_place(fault_.index).bank == i) values.values = planted_.data();
    Mismatch mismatch{.checker = Checker::registers, .signal = {}, .cycle = cycle, .index = index, .coordinate = {}};
    if (banks_[i].describe(cell, values, mismatch)) found.push_back(std::move(mismatch));
  }
  return found;
}

}  // namespace systole::check
