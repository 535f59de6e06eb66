// SPDX-License-Identifier: Apache-2.0
#include "tests/support/jpeg.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/dataset/dataset.h"
#include "models/dataset/jpeg_image.h"
#include "models/dataset/readers.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace {

using namespace systole;
using test::TemporaryFolder;
using test::write_text;

/// Each block of 8 x 8 pixels has one value, whose only coefficient, 8 (value - 128), quality 100 keeps.
std::vector<std::uint8_t> blocks(int height, int width) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) pixels.push_back(static_cast<std::uint8_t>(y / 8 * 100 + x / 8 * 37));
  }
  return pixels;
}

TEST_CASE("dataset.read_jpeg.grey_blocks_are_exact") {
  const TemporaryFolder folder;
  for (const bool progressive : {false, true}) {
    CAPTURE(progressive);
    const std::vector<std::uint8_t> pixels = blocks(16, 24);
    write_text(folder / "a.jpg", test::jpeg_bytes(16, 24, 1, pixels, 100, progressive));
    const op::Tensor found = dataset::read_jpeg(folder / "a.jpg", 24);
    REQUIRE(found.height == 16);
    REQUIRE(found.width == 24);
    REQUIRE(found.channels() == 1);
    CHECK(std::equal(pixels.begin(), pixels.end(), found.data.data()));
  }
}

TEST_CASE("dataset.read_jpeg.colours") {
  const TemporaryFolder folder;
  const std::vector<int> colour{200, 30, 90};
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 10 * 21; ++i) pixels.insert(pixels.end(), colour.begin(), colour.end());
  write_text(folder / "a.JPEG", test::jpeg_bytes(10, 21, 3, pixels));
  const op::Tensor found = dataset::read_image(folder / "a.JPEG");
  REQUIRE(found.height == 10);
  REQUIRE(found.width == 21);
  REQUIRE(found.channels() == 3);
  for (Eigen::Index row = 0; row < found.data.rows(); ++row) {
    for (Eigen::Index c = 0; c < 3; ++c) CHECK(std::abs(found.data(row, c) - colour[static_cast<std::size_t>(c)]) <= 2);
  }
}

TEST_CASE("dataset.read_jpeg.in_a_folder") {
  const TemporaryFolder folder;
  for (const char* name : {"ant", "cat"}) std::filesystem::create_directory(folder.path() / name);
  write_text(folder / "cat/b.jpg", test::jpeg_bytes(8, 8, 1, blocks(8, 8)));
  write_text(folder / "cat/a.jpeg", test::jpeg_bytes(8, 8, 1, std::vector<std::uint8_t>(64, 9)));
  write_text(folder / "ant/z.JPG", test::jpeg_bytes(8, 8, 1, std::vector<std::uint8_t>(64, 250)));
  write_text(folder / "ant/z.txt", "no image");
  const auto images = dataset::open_dataset("folder:" + folder.path().string(), {8, 8, 1});
  REQUIRE(images->size() == 3);
  CHECK(images->at(0).label == 0);
  CHECK(images->at(0).pixels.at(3, 3, 0) == 250);
  CHECK(images->at(1).label == 1);
  CHECK(images->at(1).pixels.at(7, 7, 0) == 9);
  CHECK(dataset::open_dataset(folder / "ant/z.JPG")->at(0).pixels.at(0, 0, 0) == 250);
}

TEST_CASE("dataset.read_jpeg.bad_input") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes, int max_side = 4096) {
    write_text(folder / "a.jpg", bytes);
    return test::refusal([&] { (void)dataset::read_jpeg(folder / "a.jpg", max_side); });
  };
  std::vector<std::uint8_t> waves;
  for (int i = 0; i < 3 * 30 * 20; ++i) waves.push_back(static_cast<std::uint8_t>(i * i % 251));
  for (const bool progressive : {false, true}) {
    const std::string good = test::jpeg_bytes(30, 20, 3, waves, 80, progressive);
    REQUIRE(refusal(good).empty());
    for (std::size_t length = 1; length < good.size(); ++length) {
      CAPTURE(length);
      CHECK(test::mentions(refusal(good.substr(0, length)), "a.jpg: expected a JPEG image: "));
    }
  }
  CHECK(test::mentions(refusal("\x89PNG\r\n\x1a\n12345678"), "Not a JPEG file"));
  CHECK(
      test::mentions(refusal(test::jpeg_bytes(8, 9, 1, blocks(8, 9)), 8), "size: expected at most 8 x 8, found 9 x 8"));
  const std::string cmyk = test::jpeg_bytes(8, 8, 4, std::vector<std::uint8_t>(256, 40));
  CHECK(test::mentions(refusal(cmyk), "expected a JPEG image: Unsupported color conversion"));
}

}  // namespace
