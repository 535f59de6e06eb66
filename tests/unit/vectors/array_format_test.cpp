// SPDX-License-Identifier: Apache-2.0
// Names, headers and words of the array's text set, against docs/vectors.md.
#include "vectors/array/array_format.h"

#include <doctest/doctest.h>

namespace systole::vectors {
namespace {

TEST_CASE("vectors.array_format.file_names") {
  CHECK(activation_file(0) == "activation_tile0.txt");
  CHECK(weight_file(1, 2, 8) == "weight_itile1_otile2_kij8.txt");
  CHECK(psum_file(3, 0, 4) == "psum_itile3_otile0_kij4.txt");
  CHECK(output_file(63) == "output_otile63.txt");
}

TEST_CASE("vectors.array_format.headers") {
  CHECK(array_header(ArrayContent::activation, 8) ==
        "#time0row7[msb-lsb],time0row6[msb-lsb],...,time0row0[msb-lsb]#\n"
        "#time1row7[msb-lsb],time1row6[msb-lsb],...,time1row0[msb-lsb]#\n"
        "#................#\n");
  CHECK(array_header(ArrayContent::weight, 16) ==
        "#col0row15[msb-lsb],col0row14[msb-lsb],...,col0row0[msb-lsb]#\n"
        "#col1row15[msb-lsb],col1row14[msb-lsb],...,col1row0[msb-lsb]#\n"
        "#................#\n");
  CHECK(array_header(ArrayContent::psum, 8).starts_with("#time0col7[msb-lsb],time0col6[msb-lsb],...,"));
}

TEST_CASE("vectors.array_format.word.highest_field_first") {
  op::Matrix values(2, 3);
  values << 1, 2, 15, -1, -8, 7;
  CHECK(array_word(values, 0, {4, false}) == "111100100001");
  CHECK(array_word(values, 1, {4, true}) == "011110001111");
  CHECK(array_word(values, 1, {6, true}) == "000111111000111111");
}

TEST_CASE("vectors.array_format.field_range") {
  CHECK(lowest({4, false}) == 0);
  CHECK(highest({4, false}) == 15);
  CHECK(lowest({4, true}) == -8);
  CHECK(highest({4, true}) == 7);
  CHECK(lowest({32, true}) == -2147483648LL);
  CHECK(highest({32, false}) == 4294967295LL);
}

/// A 3x3 kernel over a 4x4 output reads a 6x6 padded map.
TEST_CASE("vectors.array_format.psum_row") {
  const ArrayShape shape;
  for (int o = 0; o < 16; ++o) {
    for (int kij = 0; kij < 9; ++kij) {
      CHECK(shape.psum_row(o, kij) == (o / 4 + kij / 3) * 6 + o % 4 + kij % 3);
    }
  }
  ArrayShape strided;
  strided.stride_h = strided.stride_w = 2;
  strided.dilation_w = 3;
  strided.out_h = strided.out_w = 2;
  strided.padded_w = 9;
  CHECK(strided.psum_row(3, 5) == (2 + 1) * 9 + 2 + 2 * 3);
}

TEST_CASE("vectors.array_format.index_is_dense") {
  ArrayShape shape;
  shape.ic_tiles = 2;
  shape.oc_tiles = 3;
  std::size_t next = 0;
  for (int i = 0; i < 2; ++i) {
    for (int o = 0; o < 3; ++o) {
      for (int k = 0; k < 9; ++k) CHECK(shape.index(i, o, k) == next++);
    }
  }
}

}  // namespace
}  // namespace systole::vectors
