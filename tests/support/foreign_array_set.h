// SPDX-License-Identifier: Apache-2.0
#pragma once
// Array sets as other teams write them: a random layer in the text format of the 4-bit array, every habit a switch.
// Formatting and arithmetic are this file's own, so that the reader under test meets a second witness.
#include <filesystem>
#include <string>

#include "tests/support/random_layer.h"

namespace systole::test {

enum class Names {
  ours,        ///< weight_itile0_otile0_kij3.txt
  kij,         ///< psum_kij3.txt, weight_3.txt, output.txt
  underscore,  ///< weight_3.txt, psum_3.txt, out.txt
  bare         ///< weight3.txt, psum3.txt
};

struct ForeignStyle {
  Names names = Names::ours;
  bool headers = true, blank_lines = false, crlf = false, last_line_end = true;
  bool transposed = false;                    ///< a weight line is an input channel
  bool relu = true;                           ///< outputs after ReLU
  bool psum_in_one = false;                   ///< psum.txt, one kij after another
  bool psum_in_lines = false;                 ///< of those a line for each kij, pixel 0 leftmost
  bool two_lines = false, odd_first = false;  ///< a column's weights: even input channels in one line, odd in another
  bool outputs_low_first = false;             ///< column 0 of an output word leftmost
  bool outputs_in_one = false;                ///< one file, oc tile 0 rightmost
  bool tiles_reversed = false;                ///< in it oc tile 0 leftmost, columns as they are
  bool tiles_below = false;                   ///< in it the lines of a tile after those of another
  int pool = 1;                               ///< outputs are the maximum of pool x pool
  bool pool_average = false;                  ///< or their average rounded toward zero
  std::string suffix = {};                    ///< before the names' ".txt"
  bool plain_headers = false;                 ///< header lines without '#'
  int first_kij = 0;                          ///< in names
  bool bin = false;                           ///< names end in _bin, those of outputs after ReLU in _relu_bin
  bool folders = false;                       ///< a folder for each kind of file
  bool psums = true, outputs = true;
  int rows = 8, cols = 8;
  int ic_tiles = 1, oc_tiles = 1;  ///< more than one needs Names::ours
  int act_bits = 4, wgt_bits = 4, psum_bits = 16;
  int kernel = 3;
  int padded_h = 6, padded_w = 6;  ///< the border of (kernel - 1) / 2 pixels is zero
};

/// A style with every habit drawn.
ForeignStyle random_style(Draw& draw);

/// One line of what a style is, for failed tests.
std::string to_string(const ForeignStyle& style);

/// Writes the set of a random layer. Activations inside the border and weights are nowhere zero, so that each of their
/// bits has an effect; some outputs are negative before ReLU.
void write_foreign_set(const std::filesystem::path& folder, const ForeignStyle& style, Draw& draw);

/// An output-stationary set: `steps` lines of activations with a field for each of style.rows output pixels in each of
/// style.ic_tiles files, as many lines of weights with a field for each of style.cols output channels, and the outputs.
/// Of the style: sizes, widths, ReLU, order of the columns. Names start as `activation_os`, without `named` as
/// `activation`.
void write_stationary_set(const std::filesystem::path& folder, const ForeignStyle& style, int steps, bool named,
                          Draw& draw);

}  // namespace systole::test
