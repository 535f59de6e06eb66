// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/readers.h"

#include <doctest/doctest.h>
#include <png.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/npy.h"
#include "models/dataset/dataset.h"
#include "models/dataset/glyphs.h"
#include "models/dataset/network_input.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace {

using namespace systole;
using dataset::open_dataset;

std::string refusal(const std::string& description) {
  return test::refusal([&] { (void)open_dataset(description); });
}

/// Two records: label 3 with plane values 10, 20, 30 (first pixel 1, 2, 3), label 9 all 255.
std::string cifar_records() {
  std::string records(1, '\x03');
  for (int plane = 1; plane <= 3; ++plane)
    records += static_cast<char>(plane) + std::string(1023, static_cast<char>(10 * plane));
  return records + '\x09' + std::string(3072, '\xff');
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
std::string idx_images(std::uint32_t count, std::uint32_t height, std::uint32_t width) {
  std::string text = big_endian(0x803) + big_endian(count) + big_endian(height) + big_endian(width);
  for (std::uint32_t i = 0; i < count * height * width; ++i) text += static_cast<char>(i % 251);
  return text;
}
std::string idx_labels(const std::string& labels) {
  return big_endian(0x801) + big_endian(static_cast<std::uint32_t>(labels.size())) + labels;
}

void write_png(const std::filesystem::path& file, std::uint32_t format, const std::vector<std::uint8_t>& bytes,
               int height, int width) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.format = format;
  png.height = static_cast<std::uint32_t>(height);
  png.width = static_cast<std::uint32_t>(width);
  REQUIRE(png_image_write_to_file(&png, file.c_str(), 0, bytes.data(), 0, nullptr) != 0);
}

TEST_CASE("dataset.open_dataset.glyphs") {
  using dataset::GlyphSplit;
  CHECK(open_dataset("glyphs")->at(12).pixels == draw_glyph(GlyphSplit::test, 12).pixels);
  CHECK(open_dataset("glyphs:test")->at(12).pixels == draw_glyph(GlyphSplit::test, 12).pixels);
  CHECK(open_dataset("glyphs:train")->at(12).pixels == draw_glyph(GlyphSplit::train, 12).pixels);
  CHECK(open_dataset("glyphs:calibration")->at(12).pixels == draw_glyph(GlyphSplit::calibration, 12).pixels);
}

TEST_CASE("dataset.open_dataset.refuses_unknown") {
  CHECK(test::mentions(refusal("glyphs:validation"), "expected glyphs:train"));
  CHECK(test::mentions(refusal("imagenet:x"), "imagenet:x: expected a data set: glyphs"));
  CHECK(test::mentions(refusal(""), "expected a data set"));
  CHECK(test::mentions(refusal("idx:only-one"), "expected idx:IMAGES,LABELS"));
  CHECK(test::mentions(refusal("cifar10:/no/such/file"), "/no/such/file: cannot be read"));
  CHECK(test::mentions(refusal("/no/such/file.png"), "/no/such/file.png: expected a PNG image"));
}

TEST_CASE("dataset.cifar10.planes_to_hwc") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "two.bin", cifar_records());
  const auto data = open_dataset("cifar10:" + (folder / "two.bin").string());
  REQUIRE(data->size() == 2);
  const dataset::Image image = data->at(0);
  CHECK(image.label == 3);
  CHECK(image.pixels.at(0, 0, 0) == 1);
  CHECK(image.pixels.at(0, 0, 2) == 3);
  CHECK(image.pixels.at(31, 31, 0) == 10);
  CHECK(image.pixels.at(0, 1, 1) == 20);
  CHECK(data->at(1).label == 9);
  CHECK(data->at(1).pixels.data.minCoeff() == 255);
  CHECK_THROWS_AS((void)data->at(2), std::out_of_range);
}

TEST_CASE("dataset.cifar10.refuses_damage") {
  const test::TemporaryFolder folder;
  const std::string description = "cifar10:" + (folder / "a.bin").string();
  test::write_text(folder / "a.bin", "");
  CHECK(test::mentions(refusal(description), "expected records of 3073 bytes, found 0 bytes"));
  test::write_text(folder / "a.bin", cifar_records().substr(1));
  CHECK(test::mentions(refusal(description), "expected records of 3073 bytes, found 6145 bytes"));
  std::string records = cifar_records();
  records[3073] = 10;
  test::write_text(folder / "a.bin", records);
  CHECK(test::mentions(refusal(description), "record 1: expected a label in 0 .. 9, found 10"));
}

TEST_CASE("dataset.idx.centres_grey") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "i", idx_images(2, 28, 28));
  test::write_text(folder / "l", idx_labels("\x07\x02"));
  const auto data = open_dataset("idx:" + (folder / "i").string() + "," + (folder / "l").string());
  REQUIRE(data->size() == 2);
  const dataset::Image image = data->at(1);
  CHECK(image.label == 2);
  REQUIRE(image.pixels.height == 32);
  for (int c = 0; c < 3; ++c) {
    CHECK(image.pixels.at(2, 2, c) == 784 % 251);
    CHECK(image.pixels.at(29, 29, c) == (2 * 784 - 1) % 251);
    CHECK(image.pixels.at(2, 3, c) == 785 % 251);
    CHECK(image.pixels.at(3, 2, c) == (784 + 28) % 251);
    CHECK(image.pixels.at(1, 2, c) == 0);
    CHECK(image.pixels.at(30, 29, c) == 0);
    CHECK(image.pixels.at(29, 30, c) == 0);
  }
}

TEST_CASE("dataset.idx.refuses_damage") {
  const test::TemporaryFolder folder;
  const auto with = [&](const std::string& images, const std::string& labels) {
    test::write_text(folder / "i", images);
    test::write_text(folder / "l", labels);
    return refusal("idx:" + (folder / "i").string() + "," + (folder / "l").string());
  };
  const std::string images = idx_images(2, 28, 28), labels = idx_labels("\x07\x02");
  REQUIRE(with(images, labels).empty());
  CHECK(test::mentions(with("\x1f\x8b" + images, labels),
                       "magic: expected 0x00000803 (uncompressed IDX), found 0x1f8b0000"));
  CHECK(test::mentions(with(labels + images, labels), "magic: expected 0x00000803"));
  CHECK(test::mentions(with(images.substr(0, 15), labels), "header: expected 16 bytes, found 15"));
  CHECK(test::mentions(with(images + "x", labels), "expected a file of 1584 bytes, found 1585"));
  CHECK(test::mentions(with(images, labels.substr(0, 9)), "expected a file of 10 bytes, found 9"));
  CHECK(test::mentions(with(images, idx_labels("\x07")), "expected 2 labels, one per image, found 1"));
  CHECK(test::mentions(with(idx_images(1, 33, 2), idx_labels("\x07")),
                       "expected images of at most 32 x 32, found 33 x 2"));
  // 2^32 - 1 images announced by a file of 18 bytes: refused by the length, before any memory is taken.
  const std::string many = big_endian(0x803) + big_endian(0xffffffff) + big_endian(32) + big_endian(32);
  CHECK(test::mentions(with(many, big_endian(0x801) + big_endian(0xffffffff)), "expected a file of"));
}

TEST_CASE("dataset.read_image.png") {
  const test::TemporaryFolder folder;
  write_png(folder / "rgb.png", PNG_FORMAT_RGB, {1, 2, 3, 4, 5, 6}, 1, 2);
  const op::Tensor rgb = dataset::read_image(folder / "rgb.png");
  CHECK(rgb.height == 1);
  CHECK(rgb.width == 2);
  CHECK(rgb.at(0, 1, 0) == 4);
  CHECK(rgb.at(0, 0, 2) == 3);
  write_png(folder / "grey.png", PNG_FORMAT_GRAY, {7, 200}, 2, 1);
  const op::Tensor grey = dataset::read_image(folder / "grey.png");
  CHECK(grey.height == 2);
  CHECK(grey.channels() == 3);
  CHECK(grey.at(1, 0, 1) == 200);
  write_png(folder / "alpha.png", PNG_FORMAT_RGBA, {90, 90, 90, 0, 90, 91, 92, 255}, 1, 2);
  const op::Tensor alpha = dataset::read_image(folder / "alpha.png");
  CHECK(alpha.at(0, 0, 0) == 0);  // transparent: black shows
  CHECK(alpha.at(0, 1, 2) == 92);
}

TEST_CASE("dataset.read_image.raw_and_npy") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "a.bin", std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 12));
  const op::Tensor raw = dataset::read_image(folder / "a.bin");
  CHECK(raw.height == 2);
  CHECK(raw.at(1, 0, 2) == 9);
  base::write_npy(folder / "a.npy", {{1, 2, 2}, std::vector<std::uint8_t>{1, 2, 3, 250}});
  const op::Tensor npy = dataset::read_image(folder / "a.npy");
  CHECK(npy.channels() == 2);
  CHECK(npy.at(0, 1, 1) == 250);
  const auto single = open_dataset((folder / "a.npy").string());
  CHECK(single->size() == 1);
  CHECK(single->at(0).label == -1);
  CHECK(single->at(0).pixels == npy);
}

TEST_CASE("dataset.read_input.pixels_or_elements") {
  const test::TemporaryFolder folder;
  const model::Input input{.height = 1, .width = 2, .channels = 2, .is_signed = true, .bits = 8, .pixel_offset = -128};
  base::write_npy(folder / "pixels.npy", {{1, 2, 2}, std::vector<std::uint8_t>{0, 128, 129, 255}});
  const op::Tensor pixels = dataset::read_input(input, folder / "pixels.npy");
  CHECK(pixels.at(0, 0, 0) == -128);
  CHECK(pixels.at(0, 1, 1) == 127);
  base::write_npy(folder / "elements.npy", {{1, 2, 2}, std::vector<std::int8_t>{-128, 0, 1, 127}});
  CHECK(dataset::read_input(input, folder / "elements.npy") == pixels);
  model::Input narrow = input;
  narrow.bits = 4;
  const auto message = [&folder](const model::Input& wanted, const std::string& name) {
    return test::refusal([&] { (void)dataset::read_input(wanted, folder / name); });
  };
  CHECK(
      test::mentions(message(narrow, "elements.npy"), "elements.npy: expected elements of -8 .. 7, found -128 .. 127"));
  base::write_npy(folder / "long.npy", {{4}, std::vector<std::int8_t>{1, 2, 3, 4}});
  CHECK(test::mentions(message(input, "long.npy"), "long.npy: expected elements of shape [1, 2, 2], found [4]"));
  base::write_npy(folder / "real.npy", {{1, 2, 2}, std::vector<float>{1, 2, 3, 4}});
  CHECK(test::mentions(message(input, "real.npy"), "real.npy: expected uint8 of shape"));
}

TEST_CASE("dataset.read_image.refuses_damage") {
  const test::TemporaryFolder folder;
  const auto message = [&](const std::string& name) {
    return test::refusal([&] { (void)dataset::read_image(folder / name); });
  };
  test::write_text(folder / "a.bin", "12345");
  CHECK(test::mentions(message("a.bin"), "expected 3 * side * side bytes (square RGB), found 5"));
  test::write_text(folder / "b.bin", "");
  CHECK(test::mentions(message("b.bin"), "found 0"));
  base::write_npy(folder / "a.npy", {{4}, std::vector<std::uint8_t>{1, 2, 3, 4}});
  CHECK(test::mentions(message("a.npy"), "expected uint8 of shape [height, width, channels]"));
  base::write_npy(folder / "b.npy", {{1, 1, 1}, std::vector<float>{1}});
  CHECK(test::mentions(message("b.npy"), "expected uint8 of shape"));
  write_png(folder / "a.png", PNG_FORMAT_RGB, std::vector<std::uint8_t>(3 * 64 * 64, 77), 64, 64);
  const std::string good = test::read_text(folder / "a.png");
  test::write_text(folder / "a.png", good.substr(0, good.size() / 2));
  CHECK(test::mentions(message("a.png"), "a.png: expected a PNG image"));
  write_png(folder / "wide.png", PNG_FORMAT_GRAY, std::vector<std::uint8_t>(4097, 1), 1, 4097);
  CHECK(test::mentions(message("wide.png"), "size: expected at most 4096 x 4096, found 4097 x 1"));
  CHECK(test::mentions(message("a.jpg"), "ends in .png, .bin or .npy"));
}

}  // namespace
