// SPDX-License-Identifier: Apache-2.0
#include "sim/check/register_checker.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

namespace systole::check {
namespace {

constexpr std::uint32_t low_bits(int bits) { return bits >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << bits) - 1; }

}  // namespace

template <class Word>
std::uint32_t BankChecker::compare_scattered(const BankChecker& self, const std::int32_t* expected) {
  const void* const* at = self.bank_.at.data();
  std::uint32_t difference = 0;
  for (std::size_t cell = 0, cells = self.cells(); cell < cells; ++cell) {
    difference |= (*static_cast<const Word*>(at[cell]) ^ static_cast<std::uint32_t>(expected[cell])) & self.mask_;
  }
  return difference;
}

// Stride is in words, known at compile time so that the loads become vector shuffles.
template <class Word, std::size_t Stride>
std::uint32_t BankChecker::compare_strided(const BankChecker& self, const std::int32_t* expected) {
  const auto* first = static_cast<const Word*>(self.bank_.at[0]);
  const std::size_t cells = self.cells();
  std::uint32_t difference = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    difference |= first[cell * Stride] ^ static_cast<std::uint32_t>(expected[cell]);
  }
  return difference & self.mask_;
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

BankChecker::BankChecker(const port::RegisterBank& bank) : bank_(bank), mask_(low_bits(bank.bits)) {
  if (bank.at.empty() || bank.path.size() != bank.at.size() || bank.bits < 1 ||
      bank.bits > static_cast<int>(bank.bytes * 8)) {
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
      throw std::invalid_argument(fmt::format("register bank {}: {} bytes", bank.name, bank.bytes));
  }
}

std::int32_t BankChecker::value(std::size_t cell) const {
  std::uint32_t raw = 0;
  std::memcpy(&raw, bank_.at[cell], bank_.bytes);
  const std::uint32_t sign = std::uint32_t{1} << (bank_.bits - 1);
  return static_cast<std::int32_t>(((raw & mask_) ^ sign) - sign);
}

RegisterChecker::RegisterChecker(const std::vector<port::RegisterBank>& banks) {
  for (const port::RegisterBank& bank : banks) {
    banks_.emplace_back(bank);
    values_ += bank.at.size();
  }
}

RegisterPlace RegisterChecker::place(std::size_t index) const {
  std::size_t bank = 0;
  for (; index >= banks_.at(bank).cells(); ++bank) index -= banks_[bank].cells();
  return {bank, index};
}

const std::int32_t* RegisterChecker::planted(std::size_t bank, const std::int32_t* expected) {
  const auto [faulty, cell] = place(fault_.index);
  if (bank != faulty) return expected;
  planted_.assign(expected, expected + banks_[bank].cells());
  planted_[cell] ^= std::int32_t{1} << fault_.bit;
  return planted_.data();
}

std::vector<Mismatch> RegisterChecker::differences(std::uint64_t cycle,
                                                   const std::vector<const std::int32_t*>& expected,
                                                   std::size_t limit) const {
  std::vector<Mismatch> found;
  for (std::size_t index = 0; index < values_ && found.size() < limit; ++index) {
    const auto [bank, cell] = place(index);
    std::int32_t golden = expected[bank][cell];
    if (cycle == fault_.at && index == fault_.index) golden ^= std::int32_t{1} << fault_.bit;
    const std::int32_t rtl = banks_[bank].value(cell);
    if (rtl == golden) continue;
    found.push_back({.checker = Checker::registers,
                     .signal = banks_[bank].signal(cell),
                     .cycle = cycle,
                     .index = index,
                     .rtl = rtl,
                     .golden = golden,
                     .coordinate = {}});
  }
  return found;
}

}  // namespace systole::check
