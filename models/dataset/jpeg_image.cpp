// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/jpeg_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <vector>
// clang-format off
#include <cstdio>
#include <jpeglib.h>  // needs FILE and size_t in front
// clang-format on

#include "base/file_bytes.h"
#include "base/input_error.h"

namespace systole::dataset {

namespace {

/// libjpeg reports an error by a call that must not return: as with libpng, the message is left in `problem`, and no
/// object with a destructor lives in a function that calls setjmp.
struct JpegReader {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf give_up{};
  std::array<char, JMSG_LENGTH_MAX> problem{};

  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }
};

extern "C" {

[[noreturn]] void keep_jpeg_problem(j_common_ptr info) {
  auto* reader = static_cast<JpegReader*>(info->client_data);
  info->err->format_message(info, reader->problem.data());
  std::longjmp(reader->give_up, 1);
}

/// Below 0 it is a warning: the data are damaged, and libjpeg would make up what is missing.
void refuse_jpeg_warning(j_common_ptr info, int level) {
  if (level < 0) keep_jpeg_problem(info);
}

}  // extern "C"

/// Reads all in front of the pixels; false where it fails.
bool read_jpeg_header(JpegReader& reader) {
  reader.info.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = keep_jpeg_problem;
  reader.errors.emit_message = refuse_jpeg_warning;
  reader.info.client_data = &reader;
  if (setjmp(reader.give_up) != 0) return false;
  jpeg_create_decompress(&reader.info);
  jpeg_mem_src(&reader.info, reader.data, reader.size);
  jpeg_read_header(&reader.info, TRUE);
  return true;
}

bool start_jpeg(JpegReader& reader) {
  if (setjmp(reader.give_up) != 0) return false;
  reader.info.out_color_space = reader.info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&reader.info);
  return true;
}

bool read_jpeg_rows(JpegReader& reader, JSAMPROW* rows) {
  if (setjmp(reader.give_up) != 0) return false;
  while (reader.info.output_scanline < reader.info.output_height) {
    const JDIMENSION done = reader.info.output_scanline;
    jpeg_read_scanlines(&reader.info, rows + done, reader.info.output_height - done);
  }
  jpeg_finish_decompress(&reader.info);
  return true;
}

}  // namespace

op::Tensor read_jpeg(const std::filesystem::path& file, int max_side) {
  const std::vector<std::byte> bytes = base::read_bytes(file);
  JpegReader reader;
  reader.data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  reader.size = bytes.size();
  const auto require = [&](bool done) {
    if (done) return;
    throw base::InputError(file.string(), "", fmt::format("expected a JPEG image: {}", reader.problem.data()));
  };
  require(read_jpeg_header(reader));
  const JDIMENSION height = reader.info.image_height, width = reader.info.image_width;
  if (std::max(height, width) > static_cast<JDIMENSION>(max_side)) {
    throw base::InputError(file.string(), "size",
                           fmt::format("expected at most {0} x {0}, found {1} x {2}", max_side, width, height));
  }
  require(start_jpeg(reader));
  const std::size_t row_bytes = std::size_t{width} * static_cast<std::size_t>(reader.info.output_components);
  std::vector<std::uint8_t> pixels(row_bytes * height);
  std::vector<JSAMPROW> rows;
  for (JDIMENSION row = 0; row < height; ++row) rows.push_back(pixels.data() + row * row_bytes);
  require(read_jpeg_rows(reader, rows.data()));
  op::Tensor tensor(static_cast<int>(height), static_cast<int>(width), reader.info.output_components);
  std::copy(pixels.begin(), pixels.end(), tensor.data.data());
  return tensor;
}

}  // namespace systole::dataset
