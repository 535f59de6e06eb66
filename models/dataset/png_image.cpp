// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/png_image.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/file_bytes.h"
#include "base/input_error.h"

namespace systole::dataset {

namespace {

/// libpng reports an error by longjmp: it is left in `problem`, and no object with a destructor lives in a function
/// that calls setjmp.
struct PngReader {
  const std::byte* data = nullptr;
  std::size_t size = 0, position = 0;
  std::array<char, 128> problem{};
  png_structp png = nullptr;
  png_infop info = nullptr;

  PngReader() = default;
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

extern "C" {

void keep_problem(png_structp png, png_const_charp message) {
  auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
  std::strncpy(reader->problem.data(), message, reader->problem.size() - 1);
  png_longjmp(png, 1);
}

void drop_warning(png_structp, png_const_charp) {}

void give_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader->size - reader->position) png_error(png, "truncated");
  std::memcpy(to, reader->data + reader->position, count);
  reader->position += count;
}

}  // extern "C"

/// Reads all in front of the pixels; false where it fails.
bool read_header(PngReader& reader) {
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, keep_problem, drop_warning);
  if (reader.png == nullptr) return false;
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) return false;
  png_set_read_fn(reader.png, &reader, give_bytes);
  png_read_info(reader.png, reader.info);
  return true;
}

/// Asks for rows of 8 bits: grey, grey and alpha, RGB or RGBA.
bool set_rows(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_expand(reader.png);  // palettes, less than 8 bits, transparent colours
  png_set_strip_16(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_rows(PngReader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

/// The colours over black where the last channel is alpha.
op::Tensor to_tensor(const std::vector<std::uint8_t>& bytes, int height, int width, int stored) {
  constexpr int kOpaque = 255;
  const bool alpha = stored % 2 == 0;
  op::Tensor tensor(height, width, alpha ? stored - 1 : stored);
  const std::uint8_t* pixel = bytes.data();
  for (Eigen::Index row = 0; row < tensor.data.rows(); ++row, pixel += stored) {
    const int over_black = alpha ? pixel[stored - 1] : kOpaque;
    for (Eigen::Index channel = 0; channel < tensor.data.cols(); ++channel) {
      tensor.data(row, channel) = (pixel[channel] * over_black + kOpaque / 2) / kOpaque;
    }
  }
  return tensor;
}

}  // namespace

op::Tensor read_png(const std::filesystem::path& file, int max_side) {
  const std::vector<std::byte> bytes = base::read_bytes(file);
  PngReader reader;
  reader.data = bytes.data();
  reader.size = bytes.size();
  const auto require = [&](bool done) {
    if (done) return;
    throw base::InputError(file.string(), "", fmt::format("expected a PNG image: {}", reader.problem.data()));
  };
  require(read_header(reader));
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  if (std::max(height, width) > static_cast<png_uint_32>(max_side)) {
    throw base::InputError(file.string(), "size",
                           fmt::format("expected at most {0} x {0}, found {1} x {2}", max_side, width, height));
  }
  require(set_rows(reader));
  const std::size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  std::vector<std::uint8_t> pixels(row_bytes * height);
  std::vector<png_bytep> rows;
  for (png_uint_32 row = 0; row < height; ++row) rows.push_back(pixels.data() + row * row_bytes);
  require(read_rows(reader, rows.data()));
  return to_tensor(pixels, static_cast<int>(height), static_cast<int>(width),
                   png_get_channels(reader.png, reader.info));
}

}  // namespace systole::dataset
