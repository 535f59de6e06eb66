// SPDX-License-Identifier: Apache-2.0
#pragma once
// JPEG files for tests, written by libjpeg.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>
// clang-format off
#include <cstdio>
#include <jpeglib.h>  // needs FILE and size_t in front
// clang-format on

namespace systole::test {

/// `pixels`: [height, width, channels], channels 1 (grey), 3 (RGB) or 4 (CMYK). A quality of 100 divides no
/// coefficient: blocks of 8 x 8 equal grey values come back as they are.
inline std::string jpeg_bytes(int height, int width, int channels, std::vector<std::uint8_t> pixels, int quality = 100,
                              bool progressive = false) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);  // ends the test where something is wrong
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type
  jpeg_mem_dest(&info, &data, &size);
  info.image_height = static_cast<JDIMENSION>(height);
  info.image_width = static_cast<JDIMENSION>(width);
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  const std::size_t row_bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = pixels.data() + info.next_scanline * row_bytes;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  std::free(data);
  return bytes;
}

}  // namespace systole::test
