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

template <class Word>
std::uint32_t BankChecker::compare_scattered(const BankChecker& self, const std::int32_t* expected,
                                             std::size_t offset) {
  const void* const* at = self.bank_.at.data();
  std::uint32_t difference = 0;
#pragma GCC unroll 8
  for (std::size_t cell = 0, cells = self.cells(); cell < cells; ++cell) {
    const auto* word = reinterpret_cast<const Word*>(static_cast<const unsigned char*>(at[cell]) + offset);
    difference |= *word ^ static_cast<std::uint32_t>(expected[cell]);
  }
  return difference & self.mask_;
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

std::uint32_t BankChecker::compare_two_words(const BankChecker& self, const std::int32_t* expected,
                                             std::size_t offset) {
  std::uint64_t difference = 0;
  for (const void* at : self.bank_.at) {
    std::uint64_t rtl = 0, golden = 0;
    std::memcpy(&rtl, static_cast<const unsigned char*>(at) + offset, sizeof rtl);
    std::memcpy(&golden, expected, sizeof golden);
    difference |= rtl ^ golden;
    expected += 2;
  }
  return difference == 0 ? 0 : 1;
}

std::uint32_t BankChecker::compare_wide(const BankChecker& self, const std::int32_t* expected, std::size_t offset) {
  for (const void* at : self.bank_.at) {
    if (std::memcmp(static_cast<const unsigned char*>(at) + offset, expected, self.bank_.bytes) != 0) return 1;
    expected += self.words_;
  }
  return 0;
}

template <class Word>
BankChecker::Compare BankChecker::choose(std::ptrdiff_t stride_bytes) {
  switch (stride_bytes / static_cast<std::ptrdiff_t>(sizeof(Word))) {
    case 1:
      return compare_strided<Word, 1>;
    case 2:
      return compare_strided<Word, 2>;
    case 3:
      return compare_strided<Word, 3>;
    case 4:
      return compare_strided<Word, 4>;
    default:
      return compare_scattered<Word>;
  }
}

std::ptrdiff_t BankChecker::constant_stride() const {
  const auto address = [this](std::size_t cell) { return static_cast<const char*>(bank_.at[cell]); };
  if (cells() < 2) return 0;
  const std::ptrdiff_t stride = address(1) - address(0);
  for (std::size_t cell = 2; cell < cells(); ++cell) {
    if (address(cell) - address(cell - 1) != stride) return 0;
  }
  return stride;
}

BankChecker::BankChecker(const port::RegisterBank& bank)
    : bank_(bank), words_(bank.words()), mask_(low_bits(bank.bits)) {
  const bool wide = bank.bytes > sizeof(std::uint32_t);
  const bool fits = wide ? bank.bytes == words_ * sizeof(std::uint32_t) : bank.bits <= static_cast<int>(bank.bytes * 8);
  if (bank.at.empty() || bank.path.size() != bank.at.size() || bank.bits < 1 || !fits) {
    throw std::invalid_argument(fmt::format("register bank {}: {} cells of {} bits with {} names", bank.name,
                                            bank.at.size(), bank.bits, bank.path.size()));
  }
  const std::ptrdiff_t stride = constant_stride();
  switch (bank.bytes) {
    case 1:
      compare_ = choose<std::uint8_t>(stride);
      break;
    case 2:
      compare_ = choose<std::uint16_t>(stride);
      break;
    case 4:
      compare_ = choose<std::uint32_t>(stride);
      break;
    default:
      if (!wide) throw std::invalid_argument(fmt::format("register bank {}: {} bytes", bank.name, bank.bytes));
      compare_ = words_ == 2 ? compare_two_words : compare_wide;
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

RegisterChecker::RegisterChecker(const std::vector<port::RegisterBank>& banks, bool deep) {
  for (std::size_t i = 0; i < banks.size(); ++i) {
    if ((banks[i].deep && !deep) || banks[i].at.empty()) continue;
    banks_.emplace_back(banks[i]);
    bank_of_.push_back(i);
    values_ += banks[i].at.size();
  }
  for (std::size_t i = 0; i < banks_.size(); ++i) {
    const port::RegisterBank& bank = banks[bank_of_[i]];
    const bool single = bank.at.size() == 1 && bank.bytes == 1 && bank.depth == 0 && !bank.is_signed;
    if (single) singles_.push_back({static_cast<const std::uint8_t*>(bank.at[0]), bank_of_[i]});
    if (!single) several_.push_back({&banks_[i], bank_of_[i]});
  }
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
