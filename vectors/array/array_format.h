// SPDX-License-Identifier: Apache-2.0
#pragma once
// The text set of a plain weight-stationary array: which files there are, which word stands on which line, which field
// stands where in a word (docs/vectors.md, `array`). Writer, reader and recogniser share this one description.
//
// A convolution is cut into ic tiles of `rows` input channels and oc tiles of `cols` output channels. For each kernel
// tap kij = kh * kernel_w + kw, all pixels nij = y * padded_w + x of the padded map stream through the array:
//
//   psum[ic tile][oc tile][kij](nij, c) = sum over r of activation[ic tile](nij, r) * weight[ic tile][oc tile][kij](c,
//   r) output[oc tile](o, c) = sum over ic tile and kij of psum[ic tile][oc tile][kij](psum_row(o, kij), c), then ReLU
//
// All sums are exact. Bias and requantization belong to the stage behind the array and have no part in the set.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/op/tensor.h"

namespace systole::vectors {

/// One element of a word.
struct ArrayField {
  int bits = 4;
  bool is_signed = false;  ///< two's complement
  bool operator==(const ArrayField&) const = default;
};

/// Sizes of a set. A file of activations or weights has `rows` fields a word, one of psums or outputs `cols`.
struct ArrayShape {
  int rows = 8, cols = 8;  ///< of the array: channels of a tile
  int ic_tiles = 1, oc_tiles = 1;
  int kernel_h = 3, kernel_w = 3;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int padded_h = 6, padded_w = 6;  ///< input map with its padding
  int out_h = 4, out_w = 4;
  bool relu = true;                                                  ///< outputs are after ReLU
  ArrayField activation{4, false}, weight{4, true}, psum{16, true};  ///< outputs have the psum's field

  [[nodiscard]] int taps() const { return kernel_h * kernel_w; }
  [[nodiscard]] int padded_pixels() const { return padded_h * padded_w; }
  [[nodiscard]] int out_pixels() const { return out_h * out_w; }
  /// nij of the padded pixel under tap `kij` of output pixel `o` = oh * out_w + ow. With stride and dilation 1 this is
  /// (o / out_w + kij / kernel_w) * padded_w + o % out_w + kij % kernel_w.
  [[nodiscard]] int psum_row(int o, int kij) const {
    const int y = o / out_w * stride_h + kij / kernel_w * dilation_h;
    const int x = o % out_w * stride_w + kij % kernel_w * dilation_w;
    return y * padded_w + x;
  }
  /// Place of (ic tile, oc tile, kij) in ArraySet::weight and ArraySet::psum.
  [[nodiscard]] std::size_t index(int ic_tile, int oc_tile, int kij) const {
    return (static_cast<std::size_t>(ic_tile) * static_cast<std::size_t>(oc_tiles) +
            static_cast<std::size_t>(oc_tile)) *
               static_cast<std::size_t>(taps()) +
           static_cast<std::size_t>(kij);
  }
  bool operator==(const ArrayShape&) const = default;
};

/// A whole set. A row of a matrix is a line of its file, column i the field of array row (or column) i.
struct ArraySet {
  ArrayShape shape;
  std::vector<op::Matrix> activation;  ///< [ic tile]: padded_pixels x rows
  std::vector<op::Matrix> weight;      ///< [shape.index()]: cols x rows, row = output channel of the tile
  std::vector<op::Matrix> psum;        ///< [shape.index()]: padded_pixels x cols
  std::vector<op::Matrix> output;      ///< [oc tile]: out_pixels x cols
  bool operator==(const ArraySet&) const = default;
};

[[nodiscard]] std::string activation_file(int ic_tile);
[[nodiscard]] std::string weight_file(int ic_tile, int oc_tile, int kij);
[[nodiscard]] std::string psum_file(int ic_tile, int oc_tile, int kij);
[[nodiscard]] std::string output_file(int oc_tile);

/// What a line and a field of a file stand for, as its header lines call them.
enum class ArrayContent {
  activation,  ///< line = time, field = row
  weight,      ///< line = column, field = row
  psum         ///< line = time, field = column; of outputs too
};

/// The three header lines of a file of `fields` fields a word, each with its line end. They start with '#', like every
/// line that a reader skips.
[[nodiscard]] std::string array_header(ArrayContent content, int fields);

/// The word of one matrix row: the last column's field first, each field most significant bit first, '0' and '1'. Every
/// value must fit the field.
[[nodiscard]] std::string array_word(const op::Matrix& values, Eigen::Index row, ArrayField field);

/// Smallest and largest value of a field of 1 .. 32 bits.
[[nodiscard]] constexpr std::int64_t lowest(ArrayField field) {
  return field.is_signed ? -(std::int64_t{1} << (field.bits - 1)) : 0;
}
[[nodiscard]] constexpr std::int64_t highest(ArrayField field) {
  return (std::int64_t{1} << (field.is_signed ? field.bits - 1 : field.bits)) - 1;
}

}  // namespace systole::vectors
