// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the words of an array set may be read: which layouts the widths and numbers of its files allow.
#include <string>
#include <vector>

#include "vectors/array/array_files.h"
#include "vectors/array/array_format.h"

namespace systole::vectors {

/// How the words of a set are to be read. `shape.psum` is the field of psum files, `output` that of output files.
struct ArrayLayout {
  ArrayShape shape;
  ArrayField output{16, true};
  bool transposed = false;  ///< a weight file's line is an input channel, its fields are output channels
  bool two_lines = false;   ///< a column's weights stand in two lines, the even input channels in one, the odd in one
  bool odd_first = false;   ///< of them
  bool outputs_in_one = false;     ///< the only output file holds all oc tiles side by side, tile 0 rightmost
  bool outputs_low_first = false;  ///< column 0 of an output word is leftmost
  bool operator==(const ArrayLayout&) const = default;
};

/// "8x8, 4-bit fields, 16-bit psums, 36 padded pixels (6x6), 3x3 kernel, transposed weights, outputs after ReLU", the
/// last only where there are outputs.
[[nodiscard]] std::string to_string(const ArrayLayout& layout, bool outputs = true);

/// Every layout whose words have the files' widths and numbers, the usual ones first: square arrays, fields of 4 or 8
/// bits (2 .. 8 are read), psums and outputs of 16 or 32 (4 .. 32 are read), unsigned activations, weights by output
/// channel, outputs after ReLU, stride 1, square maps. Throws base::InputError where there is none: it names the first
/// file that fits no array, or the outputs that fit no map.
[[nodiscard]] std::vector<ArrayLayout> array_layouts(const ArrayFiles& files);

/// The layouts of a set whose manifest states its shape: that shape, weights as we write them.
[[nodiscard]] std::vector<ArrayLayout> array_layouts(const ArrayFiles& files, const ArrayShape& stated);

}  // namespace systole::vectors
