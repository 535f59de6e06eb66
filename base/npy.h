// SPDX-License-Identifier: Apache-2.0
#pragma once
// NumPy's .npy format, version 1.0, C order, little-endian: the part of it that pixels, weights and logits need.
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace systole::base {

/// An array in C order (last index fastest); the alternative of `values` is its element type ('|i1' '|u1' '<i4' '<f4').
struct NpyArray {
  std::vector<std::size_t> shape;  ///< empty = one scalar
  std::variant<std::vector<std::int8_t>, std::vector<std::uint8_t>, std::vector<std::int32_t>, std::vector<float>>
      values;
};

/// Product of the extents (1 for a scalar). Throws std::overflow_error where it does not fit std::size_t.
std::size_t element_count(const std::vector<std::size_t>& shape);

/// Reads a whole file. Throws InputError: not npy, another version, element type or order, truncated, overlong, above
/// `max_bytes`.
NpyArray read_npy(const std::filesystem::path& file, std::uintmax_t max_bytes = std::uintmax_t{1} << 30);

/// The file's bytes; the header is padded to a multiple of 64 as the format asks. Throws std::invalid_argument where
/// `values` and `shape` disagree.
std::string npy_bytes(const NpyArray& array);

/// Writes npy_bytes(). Throws as it does, and InputError where the file cannot be written.
void write_npy(const std::filesystem::path& file, const NpyArray& array);

}  // namespace systole::base
