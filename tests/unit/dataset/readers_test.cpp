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
  CHECK(test::mentions(refusal("/no/such/file.png"), "/no/such/file.png: cannot be read"));
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
  CHECK(test::mentions(refusal(description), "a.bin: is empty"));
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
  const std::string description = "idx:" + (folder / "i").string() + "," + (folder / "l").string();
  const auto data = open_dataset(description);
  REQUIRE(data->size() == 2);
  const dataset::Image image = data->at(1);
  CHECK(image.label == 2);
  REQUIRE(image.pixels.height == 32);
  REQUIRE(image.pixels.channels() == 1);
  CHECK(image.pixels.at(2, 2, 0) == 784 % 251);
  CHECK(image.pixels.at(29, 29, 0) == (2 * 784 - 1) % 251);
  CHECK(image.pixels.at(2, 3, 0) == 785 % 251);
  CHECK(image.pixels.at(3, 2, 0) == (784 + 28) % 251);
  CHECK(image.pixels.at(1, 2, 0) == 0);
  CHECK(image.pixels.at(30, 29, 0) == 0);
  CHECK(image.pixels.at(29, 30, 0) == 0);
  // A network of the images' own size gets them as they are; one that is smaller too, and refuses them.
  for (const model::Shape& wanted : {model::Shape{28, 28, 1}, model::Shape{20, 40, 1}}) {
    const op::Tensor stored = open_dataset(description, wanted)->at(1).pixels;
    REQUIRE(stored.height == 28);
    REQUIRE(stored.width == 28);
    CHECK(stored.at(0, 0, 0) == 784 % 251);
    CHECK(stored.at(27, 27, 0) == (2 * 784 - 1) % 251);
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
  CHECK(test::mentions(with(big_endian(0x803) + big_endian(1) + big_endian(4097) + big_endian(2), idx_labels("\x07")),
                       "expected images of at most 4096 x 4096, found 4097 x 2"));
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
  CHECK(grey.channels() == 1);
  CHECK(grey.at(1, 0, 0) == 200);
  write_png(folder / "alpha.png", PNG_FORMAT_RGBA, {90, 90, 90, 0, 90, 91, 92, 255}, 1, 2);
  const op::Tensor alpha = dataset::read_image(folder / "alpha.png");
  CHECK(alpha.at(0, 0, 0) == 0);  // transparent: black shows
  CHECK(alpha.at(0, 1, 2) == 92);
}

/// A PNG file of any colour type and depth, with a gamma of `gamma` where it is above 0. `rows` hold the file's own
/// bytes.
void write_stored(const std::filesystem::path& file, int type, int depth, int width,
                  const std::vector<std::vector<std::uint8_t>>& rows, double gamma = 0) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  REQUIRE(png != nullptr);
  png_infop info = png_create_info_struct(png);
  std::string bytes;
  png_set_write_fn(
      png, &bytes,
      [](png_structp writer, png_bytep data, std::size_t count) {
        static_cast<std::string*>(png_get_io_ptr(writer))->append(reinterpret_cast<const char*>(data), count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(rows.size()), depth, type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (gamma > 0) png_set_gAMA(png, info, gamma);
  const std::vector<png_color> palette{{10, 20, 30}, {40, 50, 60}, {70, 80, 90}, {1, 2, 3}};
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  png_write_info(png, info);
  for (const std::vector<std::uint8_t>& row : rows) png_write_row(png, row.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  test::write_text(file, bytes);
}

/// Every value as it is stored, whatever gamma says.
TEST_CASE("dataset.read_image.png_gamma") {
  const test::TemporaryFolder folder;
  std::vector<std::uint8_t> row;
  row.reserve(256);
  for (int value = 0; value < 256; ++value) row.push_back(static_cast<std::uint8_t>(value));
  for (const double gamma : {0.0, 1.0, 0.45455, 0.1, 2.2}) {
    CAPTURE(gamma);
    write_stored(folder / "a.png", PNG_COLOR_TYPE_GRAY, 8, 256, {row}, gamma);
    const op::Tensor pixels = dataset::read_image(folder / "a.png");
    REQUIRE(pixels.channels() == 1);
    for (int value = 0; value < 256; ++value) CHECK(pixels.at(0, value, 0) == value);
  }
}

TEST_CASE("dataset.read_image.png_depths") {
  const test::TemporaryFolder folder;
  const auto read = [&](int type, int depth, int width, const std::vector<std::uint8_t>& row, double gamma = 0) {
    write_stored(folder / "a.png", type, depth, width, {row}, gamma);
    const op::Tensor pixels = dataset::read_image(folder / "a.png");
    CHECK(pixels.width == width);
    return std::vector<int>(pixels.data.data(), pixels.data.data() + pixels.data.size());
  };
  using Values = std::vector<int>;
  // 16 bits: the high byte, never rounded up.
  CHECK(read(PNG_COLOR_TYPE_GRAY, 16, 3, {0x12, 0xFF, 0xFE, 0x80, 0x00, 0xFF}, 1) == Values{0x12, 0xFE, 0});
  CHECK(read(PNG_COLOR_TYPE_RGB, 16, 1, {0x12, 0xFF, 0xFE, 0x80, 0x00, 0xFF}) == Values{0x12, 0xFE, 0});
  CHECK(read(PNG_COLOR_TYPE_GRAY, 1, 4, {0b0101'0000}) == Values{0, 255, 0, 255});
  CHECK(read(PNG_COLOR_TYPE_GRAY, 4, 2, {0x3F}) == Values{0x33, 255});
  CHECK(read(PNG_COLOR_TYPE_PALETTE, 2, 3, {0b1000'1100}) == Values{70, 80, 90, 10, 20, 30, 1, 2, 3});
  CHECK(read(PNG_COLOR_TYPE_GRAY_ALPHA, 8, 3, {200, 255, 200, 0, 200, 128}) == Values{200, 0, 100});
}

TEST_CASE("dataset.read_image.raw_and_npy") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "a.bin", std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 12));
  const op::Tensor raw = dataset::read_image(folder / "a.bin", {2, 2, 3});
  CHECK(raw.height == 2);
  CHECK(raw.at(1, 0, 2) == 9);
  CHECK(dataset::read_image(folder / "a.bin", {1, 4, 3}).at(0, 3, 0) == 10);
  const op::Tensor grey = dataset::read_image(folder / "a.bin", {3, 4, 3});  // a byte a pixel
  CHECK(grey.channels() == 1);
  CHECK(grey.at(2, 0, 0) == 9);
  base::write_npy(folder / "a.npy", {{1, 2, 2}, std::vector<std::uint8_t>{1, 2, 3, 250}});
  const op::Tensor npy = dataset::read_image(folder / "a.npy");
  CHECK(npy.channels() == 2);
  CHECK(npy.at(0, 1, 1) == 250);
  base::write_npy(folder / "flat.npy", {{2, 2}, std::vector<std::uint8_t>{1, 2, 3, 250}});
  CHECK(dataset::read_image(folder / "flat.npy").at(1, 0, 0) == 3);
  base::write_npy(folder / "batch.npy", {{1, 1, 2, 2}, std::vector<std::uint8_t>{1, 2, 3, 250}});
  CHECK(dataset::read_image(folder / "batch.npy") == npy);
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
  CHECK(test::mentions(
      message(input, "real.npy"),
      "real.npy: expected pixels (uint8) or elements (int8, int32), found float32: the network holds no"));
  base::write_npy(folder / "first.npy", {{2, 1, 2}, std::vector<std::int8_t>{1, 2, 3, 4}});
  CHECK(test::mentions(message(input, "first.npy"),
                       "expected elements of shape [1, 2, 2], found [2, 1, 2]: the channels come last here"));
}

TEST_CASE("dataset.read_input.every_array") {
  const test::TemporaryFolder folder;
  model::Input input{.height = 2, .width = 2, .channels = 1, .is_signed = true, .bits = 8, .pixel_offset = -128};
  input.real = model::TensorScale{.scale = {0.5}, .zero = -3};
  op::Tensor expected(2, 2, 1);
  expected.data << -4, -3, 7, 127;
  for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{2, 2}, {2, 2, 1}, {1, 2, 2, 1}, {1, 2, 2}}) {
    base::write_npy(folder / "a.npy", {shape, std::vector<std::int8_t>{-4, -3, 7, 127}});
    CHECK(dataset::read_input(input, folder / "a.npy") == expected);
    base::write_npy(folder / "a.npy", {shape, std::vector<std::int32_t>{-4, -3, 7, 127}});
    CHECK(dataset::read_input(input, folder / "a.npy") == expected);
    base::write_npy(folder / "a.npy", {shape, std::vector<float>{-0.5F, 0, 5, 1000}});
    CHECK(dataset::read_input(input, folder / "a.npy") == expected);
  }
  base::write_npy(folder / "a.npy", {{1, 2, 2, 1}, std::vector<std::uint8_t>{124, 125, 135, 255}});
  CHECK(dataset::read_input(input, folder / "a.npy") == expected);
  test::write_text(folder / "a.bin", "\x7c\x7d\x87\xff");
  CHECK(dataset::read_input(input, folder / "a.bin") == expected);
  write_png(folder / "a.png", PNG_FORMAT_GRAY, {124, 125, 135, 255}, 2, 2);
  CHECK(dataset::read_input(input, folder / "a.png") == expected);
  write_png(folder / "a.png", PNG_FORMAT_RGB, {124, 124, 124, 125, 125, 125, 135, 135, 135, 255, 255, 255}, 2, 2);
  CHECK(dataset::read_input(input, folder / "a.png") == expected);
  write_png(folder / "a.png", PNG_FORMAT_RGB, {124, 124, 124, 125, 125, 125, 135, 135, 136, 255, 255, 255}, 2, 2);
  CHECK(test::mentions(test::refusal([&] { (void)dataset::read_input(input, folder / "a.png"); }),
                       "a.png: expected a grey image, found a colour at row 1, column 0"));
}

TEST_CASE("dataset.read_image.refuses_damage") {
  const test::TemporaryFolder folder;
  const auto message = [&](const std::string& name) {
    return test::refusal([&] { (void)dataset::read_image(folder / name); });
  };
  test::write_text(folder / "a.bin", "12345");
  CHECK(test::mentions(message("a.bin"), "expected 3072 bytes (32 x 32 x 3, or 1024 of a grey image), found 5"));
  test::write_text(folder / "b.bin", "");
  CHECK(test::mentions(message("b.bin"), "is empty"));
  base::write_npy(folder / "a.npy", {{4}, std::vector<std::uint8_t>{1, 2, 3, 4}});
  CHECK(test::mentions(message("a.npy"),
                       "shape: expected [height, width, channels] or [height, width], each 1 .. 4096, "
                       "found [4]"));
  base::write_npy(folder / "b.npy", {{1, 1, 1}, std::vector<float>{1}});
  CHECK(test::mentions(message("b.npy"), "descr: expected pixels as uint8, found another element type"));
  test::write_text(folder / "c.npy", "version https://git-lfs.github.com/spec/v1\n");
  CHECK(test::mentions(message("c.npy"), "c.npy: is a Git LFS pointer"));
  test::write_text(folder / "c.png", "version https://git-lfs.github.com/spec/v1\n");
  CHECK(test::mentions(message("c.png"), "c.png: is a Git LFS pointer"));
  test::write_text(folder / "d.npy", "\x89PNG\r\n\x1a\n12345678");
  CHECK(test::mentions(message("d.npy"), "expected an .npy file (magic \\x93NUMPY), found a PNG image"));
  write_png(folder / "a.png", PNG_FORMAT_RGB, std::vector<std::uint8_t>(std::size_t{3} * 64 * 64, 77), 64, 64);
  const std::string good = test::read_text(folder / "a.png");
  test::write_text(folder / "a.png", good.substr(0, good.size() / 2));
  CHECK(test::mentions(message("a.png"), "a.png: expected a PNG image"));
  write_png(folder / "wide.png", PNG_FORMAT_GRAY, std::vector<std::uint8_t>(4097, 1), 1, 4097);
  CHECK(test::mentions(message("wide.png"), "size: expected at most 4096 x 4096, found 4097 x 1"));
  CHECK(test::mentions(message("a.tif"), "ends in .png, .jpg, .bin or .npy"));
}

}  // namespace
