// SPDX-License-Identifier: Apache-2.0
#include "base/npy.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace {

using namespace systole;
using base::NpyArray;

/// A file as NumPy 1.24 writes it: np.save(file, np.array([[1, -2, 3]], dtype=np.int8)).
std::string numpy_int8_file() {
  const std::string dictionary = "{'descr': '|i1', 'fortran_order': False, 'shape': (1, 3), }";
  std::string text = std::string("\x93NUMPY\x01\x00", 8) + std::string("\x76\x00", 2) + dictionary;
  text.append(127 - text.size(), ' ');
  return text + "\n" + std::string("\x01\xfe\x03");
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string refusal_of(const std::string& bytes) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "a.npy", bytes);
  return test::refusal([&] { (void)base::read_npy(folder / "a.npy"); });
}

TEST_CASE("base.npy.reads_numpy_file") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "a.npy", numpy_int8_file());
  const NpyArray array = base::read_npy(folder / "a.npy");
  CHECK(array.shape == std::vector<std::size_t>{1, 3});
  CHECK(std::get<std::vector<std::int8_t>>(array.values) == std::vector<std::int8_t>{1, -2, 3});
}

TEST_CASE("base.npy.writes_what_numpy_writes") {
  const test::TemporaryFolder folder;
  base::write_npy(folder / "a.npy", {{1, 3}, std::vector<std::int8_t>{1, -2, 3}});
  CHECK(test::read_text(folder / "a.npy") == numpy_int8_file());
}

TEST_CASE("base.npy.round_trip") {
  const test::TemporaryFolder folder;
  const std::vector<NpyArray> arrays{
      {{}, std::vector<std::int32_t>{std::numeric_limits<std::int32_t>::min()}},
      {{4}, std::vector<std::uint8_t>{0, 1, 128, 255}},
      {{2, 1, 2}, std::vector<float>{0.0F, -1.5F, std::numeric_limits<float>::denorm_min(), 3e38F}},
      {{0, 5}, std::vector<std::int8_t>{}},
      {{2}, std::vector<std::int32_t>{-1, 2147483647}}};
  for (const NpyArray& array : arrays) {
    base::write_npy(folder / "a.npy", array);
    const NpyArray read = base::read_npy(folder / "a.npy");
    CHECK(read.shape == array.shape);
    CHECK(read.values == array.values);
    CHECK(test::read_text(folder / "a.npy").find('\n') % 64 == 63);
  }
}

TEST_CASE("base.npy.refuses_damage") {
  const std::string good = numpy_int8_file();
  REQUIRE(refusal_of(good).empty());
  CHECK(test::mentions(refusal_of(good.substr(0, good.size() - 1)), "expected 3 elements of 1 bytes, found 2 bytes"));
  CHECK(test::mentions(refusal_of(good + "x"), "expected 3 elements of 1 bytes, found 4 bytes"));
  CHECK(test::mentions(refusal_of(good.substr(0, 60)), "header: truncated"));
  CHECK(test::mentions(refusal_of(good.substr(0, 5)), "expected an .npy file"));
  CHECK(test::mentions(refusal_of(""), "expected an .npy file"));
  CHECK(test::mentions(refusal_of(with(good, "NUMPY", "NUMPX")), "expected an .npy file"));
  CHECK(test::mentions(refusal_of(with(good, "|i1", "<f8")), "descr: expected element type"));
  CHECK(test::mentions(refusal_of(with(good, "False, ", "True,  ")), "expected False (C order)"));
  CHECK(test::mentions(refusal_of(with(good, "'shape'", "'shapf'")), "expected the key 'shape'"));
  std::string version = good;
  version[6] = 2;
  CHECK(test::mentions(refusal_of(version), "version: expected 1.0, found 2.0"));
  std::string long_header = good;
  long_header[9] = '\x7f';
  CHECK(test::mentions(refusal_of(long_header), "header: expected at most 4096 bytes"));
}

TEST_CASE("base.npy.refuses_shape_beyond_memory") {
  const std::string huge = with(numpy_int8_file(), "(1, 3), }          ", "(9999999, 9999999)}");
  CHECK(test::mentions(refusal_of(huge), "expected 99999980000001 elements"));
  std::string overflow = numpy_int8_file();
  const std::string from = "(1, 3), }" + std::string(40, ' ');
  overflow.replace(overflow.find(from), from.size(), "(99999999999, 99999999999, 99999999999)}" + std::string(9, ' '));
  CHECK(test::mentions(refusal_of(overflow), "element count fits 64 bits"));
}

TEST_CASE("base.npy.max_bytes") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "a.npy", numpy_int8_file());
  CHECK(test::mentions(test::refusal([&] { (void)base::read_npy(folder / "a.npy", 100); }),
                       "expected at most 100 bytes, found 131"));
  CHECK(test::mentions(test::refusal([&] { (void)base::read_npy(folder / "none.npy"); }), "none.npy: cannot be read"));
}

TEST_CASE("base.npy.write_refuses_wrong_count") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_AS(base::write_npy(folder / "a.npy", {{2, 2}, std::vector<float>{1, 2, 3}}), std::invalid_argument);
  CHECK_FALSE(test::refusal([&] { base::write_npy(folder / "no/a.npy", {{1}, std::vector<float>{1}}); }).empty());
}

}  // namespace
