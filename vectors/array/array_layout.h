// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the words of an array set may be read: which layouts the widths and numbers of its files allow.
#include <string>
#include <string_view>
#include <vector>

#include "vectors/array/array_files.h"
#include "vectors/array/array_format.h"

namespace systole::vectors {

/// Where the outputs of several oc tiles stand.
enum class OutputTiles {
  apart,     ///< a file for each
  beside,    ///< one file, all tiles of a pixel in one line, tile 0 where column 0 is
  reversed,  ///< the same, tile 0 on the other side
  below      ///< one file, the lines of one tile after those of another
};

/// What becomes of the outputs behind the ReLU: windows of size x size that touch and cover the map.
struct OutputPool {
  bool average = false;  ///< rounded toward zero; otherwise the maximum
  int size = 1;          ///< 1: no pooling
  bool operator==(const OutputPool&) const = default;
};

/// How the words of a set are to be read. `shape.psum` is the field of psum files, `output` that of output files.
struct ArrayLayout {
  ArrayShape shape;
  ArrayField output{16, true};
  bool transposed = false;  ///< a weight file's line is an input channel, its fields are output channels
  bool two_lines = false;   ///< a column's weights stand in two lines, the even input channels in one, the odd in one
  bool odd_first = false;   ///< of them
  OutputTiles output_tiles = OutputTiles::apart;
  bool outputs_low_first = false;  ///< column 0 of an output word is leftmost
  OutputPool pool{};
  /// An output stays in its cell: a line of activations is a time step with a field for each output pixel, a line of
  /// weights the same step with a field for each output channel. `shape` is then the product of these two as a 1x1
  /// convolution: the steps are its input channels, cut into tiles of `rows`, and `padded_w` the output pixels.
  bool output_stationary = false;
  bool operator==(const ArrayLayout&) const = default;

  [[nodiscard]] int pooled_w() const { return shape.out_w / pool.size; }
  /// Lines of outputs for each oc tile.
  [[nodiscard]] int output_lines() const { return shape.out_h / pool.size * pooled_w(); }
};

/// What a set has files of.
struct FileKinds {
  bool activation = true, weight = true, psum = true, output = true;
};
[[nodiscard]] FileKinds kinds_of(const ArrayFiles& files);

/// The words that name a layout, each for one thing that may be read in several ways, of the kinds of files there are:
/// "8x8", "activation4", "weight4", "psum16", "output16", "map6x6", "output-channel-a-line", "relu", ...
[[nodiscard]] std::vector<std::string> layout_words(const ArrayLayout& layout, FileKinds kinds = {});

/// Those of the layouts that have every word of `name`, words parted by commas. Throws base::InputError where there is
/// none: it lists the words that these files leave to choose from.
[[nodiscard]] std::vector<ArrayLayout> named_layouts(const std::vector<ArrayLayout>& layouts, std::string_view name,
                                                     FileKinds kinds);

/// "8x8, 4-bit fields, 16-bit psums, 36 padded pixels (6x6), 3x3 kernel, transposed weights, outputs after ReLU", what
/// is said of outputs only where there are some.
[[nodiscard]] std::string to_string(const ArrayLayout& layout, bool outputs = true);

/// Every layout whose words have the files' widths and numbers, the usual ones first: square arrays, fields of 4 or 8
/// bits (2 .. 8 are read), psums and outputs of 16 or 32 (4 .. 32 are read), unsigned activations, weights by output
/// channel, outputs after ReLU and not pooled, stride 1, square maps. Throws base::InputError where there is none: it
/// names the first file that fits no array, or the outputs that fit no map.
[[nodiscard]] std::vector<ArrayLayout> array_layouts(const ArrayFiles& files);

/// The layouts of a set whose manifest states its shape: that shape, weights as we write them.
[[nodiscard]] std::vector<ArrayLayout> array_layouts(const ArrayFiles& files, const ArrayShape& stated);

}  // namespace systole::vectors
