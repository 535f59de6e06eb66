// SPDX-License-Identifier: Apache-2.0
#include "sim/check/cell_checker.h"

#include <doctest/doctest.h>

#include <cstring>
#include <stdexcept>
#include <vector>

using namespace systole::check;

namespace {

constexpr int kRows = 4, kCols = 4, kCells = kRows * kCols;

/// Registers of `bytes` bytes at places `stride` words apart, or shuffled where stride is 0.
struct Registers {
  std::vector<unsigned char> storage;
  CellSource source;

  Registers(int bits, std::size_t bytes, std::size_t stride) : storage(bytes * 8 * kCells) {
    source.bits = bits;
    source.bytes = bytes;
    for (std::size_t i = 0; i < kCells; ++i) {
      const std::size_t place = stride == 0 ? i * 7 % kCells : i * stride;
      source.at.push_back(storage.data() + place * bytes);
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
  for (int i = 0; i < kCells; ++i)
    values.push_back(static_cast<std::int32_t>(i % 2 == 0 ? i : i - (std::int64_t{1} << (bits - 1))));
  return values;
}

}  // namespace

TEST_CASE("check.cell_register.every_layout_sees_every_bit") {
  struct Layout {
    int bits;
    std::size_t bytes, stride;
  };
  for (const Layout& l : {Layout{5, 1, 1}, Layout{5, 1, 0}, Layout{9, 2, 3}, Layout{9, 2, 0}, Layout{16, 2, 2},
                          Layout{32, 4, 1}, Layout{32, 4, 4}, Layout{32, 4, 6}}) {
    CAPTURE(l.bits);
    CAPTURE(l.stride);
    Registers registers(l.bits, l.bytes, l.stride);
    std::vector<std::int32_t> expected = ramp(l.bits);
    for (std::size_t i = 0; i < kCells; ++i) registers.set(i, expected[i]);
    const CellRegisterChecker checker("psum", kCols, registers.source);
    REQUIRE(checker.difference(expected.data()) == 0);
    for (std::size_t i = 0; i < kCells; ++i) {
      CHECK(checker.value(i) == expected[i]);
      for (int bit = 0; bit < l.bits; ++bit) {
        expected[i] ^= static_cast<std::int32_t>(1U << bit);
        CHECK(checker.difference(expected.data()) == 1U << bit);
        expected[i] ^= static_cast<std::int32_t>(1U << bit);
      }
    }
    CHECK(checker.signal(6) == "u_array.pe[1][2].psum");
  }
}

TEST_CASE("check.cells.names_the_register_that_differs") {
  Registers weight(9, 2, 3), act(9, 2, 3), psum(32, 4, 1);
  std::vector<std::int32_t> w = ramp(9), a = ramp(9), p = ramp(32);
  for (std::size_t i = 0; i < kCells; ++i) {
    weight.set(i, w[i]);
    act.set(i, a[i]);
    psum.set(i, p[i]);
  }
  CellChecker checker(kCols, weight.source, act.source, psum.source);
  CHECK(checker.equal(1, w.data(), a.data(), p.data()));
  CHECK(checker.compared() == 3 * kCells);
  p[13] = -5;
  CHECK_FALSE(checker.equal(2, w.data(), a.data(), p.data()));
  const auto found = checker.differences(2, w.data(), a.data(), p.data(), 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].signal == "u_array.pe[3][1].psum");
  CHECK(found[0].golden == -5);
  CHECK(found[0].cycle == 2);
  CHECK(found[0].index == 2 * kCells + 13);
}

TEST_CASE("check.cells.planted_bit_is_found_in_its_cycle_only") {
  Registers zero9(9, 2, 3), zero32(32, 4, 1);
  const std::vector<std::int32_t> zeros(kCells, 0);
  CellChecker checker(kCols, zero9.source, zero9.source, zero32.source);
  checker.plant({.cycle = 3, .index = kCells + 2, .bit = 4});
  CHECK(checker.equal(2, zeros.data(), zeros.data(), zeros.data()));
  CHECK_FALSE(checker.equal(3, zeros.data(), zeros.data(), zeros.data()));
  const auto found = checker.differences(3, zeros.data(), zeros.data(), zeros.data(), 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].signal == "u_array.pe[0][2].act");
  CHECK(found[0].golden == 16);
  CHECK(checker.differences(4, zeros.data(), zeros.data(), zeros.data(), 10).empty());
}

TEST_CASE("check.cells.refuses_storage_it_cannot_read") {
  Registers good(9, 2, 3);
  CellSource bad = good.source;
  bad.bits = 17;
  CHECK_THROWS_AS(CellRegisterChecker("weight", kCols, bad), std::invalid_argument);
  CHECK_THROWS_AS(CellRegisterChecker("weight", kCols, CellSource{}), std::invalid_argument);
}
