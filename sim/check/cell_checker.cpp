// SPDX-License-Identifier: Apache-2.0
#include "sim/check/cell_checker.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

namespace systole::check {
namespace {

constexpr std::uint32_t low_bits(int bits) { return bits >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << bits) - 1; }

}  // namespace

template <class Word>
std::uint32_t CellRegisterChecker::compare_scattered(const CellRegisterChecker& self, const std::int32_t* expected) {
  const void* const* at = self.source_.at.data();
  std::uint32_t difference = 0;
  for (std::size_t cell = 0, cells = self.cells(); cell < cells; ++cell) {
    difference |= (*static_cast<const Word*>(at[cell]) ^ static_cast<std::uint32_t>(expected[cell])) & self.mask_;
  }
  return difference;
}

// Stride is in words, known at compile time so that the loads become vector shuffles.
template <class Word, std::size_t Stride>
std::uint32_t CellRegisterChecker::compare_strided(const CellRegisterChecker& self, const std::int32_t* expected) {
  const auto* first = static_cast<const Word*>(self.source_.at[0]);
  const std::size_t cells = self.cells();
  std::uint32_t difference = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    difference |= first[cell * Stride] ^ static_cast<std::uint32_t>(expected[cell]);
  }
  return difference & self.mask_;
}

template <class Word>
CellRegisterChecker::Compare CellRegisterChecker::choose(std::ptrdiff_t stride_bytes) {
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

std::ptrdiff_t CellRegisterChecker::constant_stride() const {
  const auto address = [this](std::size_t cell) { return static_cast<const char*>(source_.at[cell]); };
  if (cells() < 2) return 0;
  const std::ptrdiff_t stride = address(1) - address(0);
  for (std::size_t cell = 2; cell < cells(); ++cell) {
    if (address(cell) - address(cell - 1) != stride) return 0;
  }
  return stride;
}

CellRegisterChecker::CellRegisterChecker(std::string_view name, int cols, const CellSource& source)
    : name_(name), cols_(cols), source_(source), mask_(low_bits(source.bits)) {
  if (source.at.empty() || source.bits < 1 || source.bits > static_cast<int>(source.bytes * 8)) {
    throw std::invalid_argument(fmt::format("CellSource {}: {} cells of {} bits", name, source.at.size(), source.bits));
  }
  const std::ptrdiff_t stride = constant_stride();
  switch (source.bytes) {
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
      throw std::invalid_argument(fmt::format("CellSource {}: {} bytes", name, source.bytes));
  }
}

std::int32_t CellRegisterChecker::value(std::size_t cell) const {
  std::uint32_t raw = 0;
  std::memcpy(&raw, source_.at[cell], source_.bytes);
  const std::uint32_t sign = std::uint32_t{1} << (source_.bits - 1);
  return static_cast<std::int32_t>(((raw & mask_) ^ sign) - sign);
}

std::string CellRegisterChecker::signal(std::size_t cell) const {
  const auto cols = static_cast<std::size_t>(cols_);
  return fmt::format("u_array.pe[{}][{}].{}", cell / cols, cell % cols, name_);
}

CellChecker::CellChecker(int cols, const CellSource& weight, const CellSource& act, const CellSource& psum)
    : registers_{CellRegisterChecker("weight", cols, weight), CellRegisterChecker("act", cols, act),
                 CellRegisterChecker("psum", cols, psum)} {
  if (act.at.size() != weight.at.size() || psum.at.size() != weight.at.size()) {
    throw std::invalid_argument("CellChecker: the three registers belong to the same cells");
  }
}

std::vector<Mismatch> CellChecker::differences(std::uint64_t cycle, const std::int32_t* weight, const std::int32_t* act,
                                               const std::int32_t* psum, std::size_t limit) const {
  const std::array<const std::int32_t*, 3> expected{weight, act, psum};
  const std::size_t cells = registers_[0].cells();
  std::vector<Mismatch> found;
  for (std::size_t index = 0; index < 3 * cells && found.size() < limit; ++index) {
    const CellRegisterChecker& reg = registers_[index / cells];
    std::int32_t golden = expected[index / cells][index % cells];
    if (cycle == fault_.cycle && index == fault_.index) golden ^= std::int32_t{1} << fault_.bit;
    const std::int32_t rtl = reg.value(index % cells);
    if (rtl == golden) continue;
    found.push_back({.checker = Checker::cells,
                     .signal = reg.signal(index % cells),
                     .cycle = cycle,
                     .index = index,
                     .rtl = rtl,
                     .golden = golden,
                     .coordinate = {}});
  }
  return found;
}

}  // namespace systole::check
