// SPDX-License-Identifier: Apache-2.0
#include "sim/check/register_checker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

using namespace systole;
using namespace systole::check;

namespace {

constexpr int kRows = 4, kCols = 4, kCells = kRows * kCols;

constexpr std::size_t kShuffled = 0, kMixed = 100;

/// Registers of `bytes` bytes at places `stride` words apart, or shuffled; or kMixed: the first rows 8 bytes apart, the
/// last one denser. Between them stands what no comparison may see.
struct Registers {
  std::vector<unsigned char> storage;
  port::RegisterBank source;

  static std::size_t place_of(std::size_t i, std::size_t bytes, std::size_t stride) {
    constexpr std::size_t kLastRow = kCells - kCols;
    if (stride == kShuffled) return i * 7 % kCells;
    if (stride != kMixed) return i * stride;
    return std::min(i, kLastRow) * (8 / bytes) + (i > kLastRow ? (i - kLastRow) * 3 : 0);
  }

  Registers(int bits, std::size_t bytes, std::size_t stride) : storage(bytes * 8 * kCells, 0x5A) {
    source.bits = bits;
    source.bytes = bytes;
    for (std::size_t i = 0; i < kCells; ++i) {
      const std::size_t place = place_of(i, bytes, stride);
      source.at.push_back(storage.data() + place * bytes);
      source.path.push_back("row[" + std::to_string(i / kCols) + "].col[" + std::to_string(i % kCols) + "].q");
    }
  }
  void set(std::size_t cell, std::int32_t value) {
    const std::uint32_t mask = source.bits == 32 ? ~0U : (1U << source.bits) - 1;
    const std::uint32_t raw = static_cast<std::uint32_t>(value) & mask;
    std::memcpy(const_cast<void*>(source.at[cell]), &raw, source.bytes);
  }
};

std::vector<std::int32_t> ramp(int bits) {
  std::vector<std::int32_t> values;
  values.reserve(kCells);
  for (int i = 0; i < kCells; ++i)
    values.push_back(static_cast<std::int32_t>(i % 2 == 0 ? i : i - (std::int64_t{1} << (bits - 1))));
  return values;
}

}  // namespace

TEST_CASE("check.register_bank.every_layout_sees_every_bit") {
  struct Layout {
    int bits;
    std::size_t bytes, stride;
  };
  for (const Layout& l :
       {Layout{5, 1, 1}, Layout{5, 1, kShuffled}, Layout{5, 1, 8}, Layout{9, 2, 3}, Layout{9, 2, kShuffled},
        Layout{9, 2, 4}, Layout{9, 2, kMixed}, Layout{16, 2, 2}, Layout{32, 4, 1}, Layout{32, 4, 2}, Layout{32, 4, 4},
        Layout{32, 4, 6}, Layout{32, 4, kMixed}}) {
    CAPTURE(l.bits);
    CAPTURE(l.stride);
    Registers registers(l.bits, l.bytes, l.stride);
    std::vector<std::int32_t> expected = ramp(l.bits);
    for (std::size_t i = 0; i < kCells; ++i) registers.set(i, expected[i]);
    const BankChecker checker(registers.source);
    REQUIRE(checker.difference({expected.data()}) == 0);
    Mismatch mismatch;
    for (std::size_t i = 0; i < kCells; ++i) {
      CHECK_FALSE(checker.describe(i, {expected.data()}, mismatch));
      CHECK(mismatch.rtl == expected[i]);
      CHECK(mismatch.golden == expected[i]);
      for (int bit = 0; bit < l.bits; ++bit) {
        expected[i] ^= static_cast<std::int32_t>(1U << bit);
        CHECK(checker.difference({expected.data()}) == 1U << bit);
        CHECK(checker.describe(i, {expected.data()}, mismatch));
        expected[i] ^= static_cast<std::int32_t>(1U << bit);
      }
    }
    checker.describe(6, {expected.data()}, mismatch);
    CHECK(mismatch.signal == "row[1].col[2].q");
  }
}

namespace {

/// Three banks of the same cells with the values of their `expected`.
struct Banks {
  std::vector<Registers> registers;
  std::vector<std::vector<std::int32_t>> expected;

  Banks() {
    registers.reserve(3);
    for (const int bits : {9, 9, 32}) {
      registers.emplace_back(bits, bits == 32 ? 4 : 2, bits == 32 ? 1 : 3);
      expected.push_back(ramp(bits));
      for (std::size_t i = 0; i < kCells; ++i) registers.back().set(i, expected.back()[i]);
    }
  }
  [[nodiscard]] std::vector<port::RegisterBank> sources() const {
    std::vector<port::RegisterBank> banks;
    for (const Registers& bank : registers) banks.push_back(bank.source);
    return banks;
  }
  [[nodiscard]] std::vector<ExpectedBank> pointers() const {
    std::vector<ExpectedBank> all;
    for (const auto& values : expected) all.push_back({values.data()});
    return all;
  }
  bool equal(RegisterChecker& checker, std::uint64_t cycle) const {
    return checker.equal(cycle, [this](std::size_t bank) { return ExpectedBank{expected[bank].data()}; });
  }
};

}  // namespace

TEST_CASE("check.registers.names_the_register_that_differs") {
  Banks banks;
  RegisterChecker checker(banks.sources(), true);
  CHECK(banks.equal(checker, 1));
  CHECK(checker.compared() == 3 * kCells);
  banks.expected[2][13] = -5;
  CHECK_FALSE(banks.equal(checker, 2));
  const auto found = checker.differences(2, banks.pointers(), 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].signal == "row[3].col[1].q");
  CHECK(found[0].golden == -5);
  CHECK(found[0].cycle == 2);
  CHECK(found[0].index == 2 * kCells + 13);
  CHECK(checker.place(found[0].index).bank == 2);
  CHECK(checker.place(found[0].index).cell == 13);
}

TEST_CASE("check.registers.single_registers_need_not_be_asked_for") {
  std::uint8_t byte = 0;
  std::uint16_t half = 0;
  std::uint32_t word = 0;
  std::array<std::int32_t, 3> expected{};
  std::vector<port::RegisterBank> banks(3);
  banks[0] = {.name = "byte", .path = {"byte_q"}, .at = {&byte}, .bits = 5, .bytes = 1, .is_signed = false};
  banks[1] = {.name = "half", .path = {"half_q"}, .at = {&half}, .bits = 16, .bytes = 2, .is_signed = false};
  banks[2] = {.name = "word", .path = {"word_q"}, .at = {&word}, .bits = 32, .bytes = 4, .is_signed = false};
  RegisterChecker checker(banks, true, {expected.data(), &expected[1], &expected[2]});
  std::size_t asked = 0;
  const auto equal = [&](std::uint64_t cycle) {
    return checker.equal(cycle, [&](std::size_t bank) {
      ++asked;
      return ExpectedBank{&expected.at(bank)};
    });
  };
  CHECK(equal(1));
  CHECK(checker.compared() == 3);
  for (std::size_t bank = 0; bank < banks.size(); ++bank) {
    for (int bit = 0; bit < banks[bank].bits; ++bit) {
      expected.at(bank) ^= static_cast<std::int32_t>(1U << bit);
      CHECK_FALSE(equal(2));
      expected.at(bank) ^= static_cast<std::int32_t>(1U << bit);
    }
  }
  CHECK(asked == 0);
  for (std::size_t bank = 0; bank < banks.size(); ++bank) {
    checker.plant({.at = 3, .index = bank, .bit = 4});
    CHECK_FALSE(equal(3));
    CHECK(equal(4));
  }
}

TEST_CASE("check.registers.every_bank_is_compared") {
  for (std::size_t bank = 0; bank < 3; ++bank) {
    Banks banks;
    RegisterChecker checker(banks.sources(), true);
    banks.expected[bank][0] ^= 1;
    CHECK_FALSE(banks.equal(checker, 1));
  }
}

TEST_CASE("check.registers.planted_bit_is_found_in_its_cycle_only") {
  const Banks banks;
  RegisterChecker checker(banks.sources(), true);
  checker.plant({.at = 3, .index = kCells + 2, .bit = 4});
  CHECK(banks.equal(checker, 2));
  CHECK_FALSE(banks.equal(checker, 3));
  const auto found = checker.differences(3, banks.pointers(), 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].signal == "row[0].col[2].q");
  CHECK((found[0].golden ^ found[0].rtl) == 16);
  CHECK(checker.differences(4, banks.pointers(), 10).empty());
}

TEST_CASE("check.registers.planted_bit_goes_through_the_comparison") {
  Banks banks;
  RegisterChecker checker(banks.sources(), true);
  checker.plant({.at = 3, .index = kCells + 2, .bit = 4});
  banks.expected[1][2] ^= 16;
  CHECK(banks.equal(checker, 3));
  CHECK_FALSE(banks.equal(checker, 4));
}

TEST_CASE("check.registers.deep_banks_are_left_out_below_all") {
  Banks banks;
  std::vector<port::RegisterBank> sources = banks.sources();
  sources[1].deep = true;
  banks.expected[1][3] ^= 1;
  RegisterChecker shallow(sources, false), deep(sources, true);
  CHECK(banks.equal(shallow, 1));
  CHECK_FALSE(banks.equal(deep, 1));
  CHECK(shallow.compared() == 2 * kCells);
  CHECK(shallow.place(kCells + 5).bank == 2);
  CHECK(deep.place(kCells + 5).bank == 1);
}

TEST_CASE("check.registers.a_bank_of_which_nothing_is_known_is_counted_not_compared") {
  Banks banks;
  RegisterChecker checker(banks.sources(), true);
  banks.expected[1][3] ^= 1;
  const auto without = [&banks](std::size_t bank) {
    return bank == 1 ? ExpectedBank{} : ExpectedBank{banks.expected[bank].data()};
  };
  CHECK(checker.equal(1, without));
  CHECK(checker.compared() == 2 * kCells);
  CHECK(checker.unknown() == kCells);
  std::vector<ExpectedBank> expected = banks.pointers();
  expected[1] = {};
  CHECK(checker.differences(1, expected, 10).empty());
  // What is planted in it waits until it is known.
  banks.expected[1][3] ^= 1;
  checker.plant({.at = 1, .index = kCells + 2, .bit = 0});
  CHECK(checker.equal(1, without));
  CHECK_FALSE(banks.equal(checker, 2));
  CHECK(checker.differences(2, banks.pointers(), 10).size() == 1);
  CHECK(banks.equal(checker, 3));
}

TEST_CASE("check.register_bank.wide_registers_show_the_part_that_differs") {
  alignas(8) std::array<std::uint32_t, 6> storage{1, 2, 3, 4, 5, 1};
  port::RegisterBank bank{.name = "wide", .path = {"a", "b"}, .at = {}, .bits = 65, .bytes = 12, .is_signed = false};
  bank.at = {storage.data(), storage.data() + 3};
  std::array<std::int32_t, 6> expected{1, 2, 3, 4, 5, 1};
  storage[2] = expected[2] = 1;
  const BankChecker wide(bank);
  CHECK(wide.difference({expected.data()}) == 0);
  expected[4] = -1;
  CHECK(wide.difference({expected.data()}) != 0);
  Mismatch mismatch;
  CHECK_FALSE(wide.describe(0, {expected.data()}, mismatch));
  CHECK(wide.describe(1, {expected.data()}, mismatch));
  CHECK(mismatch.signal == "b[63:32]");
  CHECK(mismatch.rtl == 5);
  CHECK(mismatch.golden == 0xFFFFFFFF);

  bank.bits = 64;
  bank.bytes = 8;
  bank.is_signed = true;
  bank.at = {storage.data(), storage.data() + 2};
  storage = {0xFFFFFFFE, 0xFFFFFFFF, 7, 1};
  const BankChecker whole(bank);
  expected = {-2, -1, 6, 1};
  CHECK(whole.describe(1, {expected.data()}, mismatch));
  CHECK(mismatch.signal == "b");
  CHECK(mismatch.rtl == (std::int64_t{1} << 32) + 7);
  CHECK(mismatch.golden == (std::int64_t{1} << 32) + 6);
  CHECK_FALSE(whole.describe(0, {expected.data()}, mismatch));
  CHECK(mismatch.rtl == -2);
}

TEST_CASE("check.register_bank.a_memory_is_looked_at_where_it_was_written") {
  std::array<std::uint16_t, 8> memory{0, 0, 0, 9, 0, 0, 0, 0};
  port::RegisterBank bank{.name = "words", .path = {"m"}, .at = {}, .bits = 5, .bytes = 2, .is_signed = false};
  bank.depth = memory.size();
  bank.at = {memory.data()};
  const BankChecker checker(bank);
  const std::int32_t nine = 9;
  CHECK(checker.difference({&nine, 3}) == 0);
  CHECK(checker.difference({&nine, 4}) != 0);
  Mismatch mismatch;
  CHECK(checker.describe(0, {&nine, 4}, mismatch));
  CHECK(mismatch.signal == "m[4]");
  CHECK(mismatch.golden == 9);
}

TEST_CASE("check.registers.refuses_storage_it_cannot_read") {
  Registers good(9, 2, 3);
  port::RegisterBank bad = good.source;
  bad.bits = 17;
  CHECK_THROWS_AS(BankChecker{bad}, std::invalid_argument);
  bad.bytes = 12;  // of one word
  CHECK_THROWS_AS(BankChecker{bad}, std::invalid_argument);
  CHECK_THROWS_AS(BankChecker{port::RegisterBank{}}, std::invalid_argument);
}
