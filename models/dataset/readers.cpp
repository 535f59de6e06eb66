// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/npy.h"
#include "models/dataset/jpeg_image.h"
#include "models/dataset/png_image.h"

namespace systole::dataset {

namespace fs = std::filesystem;
using base::InputError;

namespace {

constexpr int kSide = 32;
constexpr std::size_t kPlane = std::size_t{kSide} * kSide;
constexpr std::size_t kRecord = 1 + 3 * kPlane;
constexpr int kMaxSide = 4096;
constexpr std::size_t kIdxImageHeader = 16, kIdxLabelHeader = 8;
constexpr std::uint32_t kIdxImageMagic = 0x803, kIdxLabelMagic = 0x801;

std::vector<std::uint8_t> read_bytes(const fs::path& file) {
  const std::vector<std::byte> bytes = base::read_bytes(file);
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {first, first + bytes.size()};
}

/// Big-endian word `index` of an IDX header.
std::uint32_t idx_word(const std::vector<std::uint8_t>& bytes, std::size_t index) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8 | bytes.at(4 * index + i);
  return word;
}

void expect_idx(const fs::path& file, const std::vector<std::uint8_t>& bytes, std::uint32_t magic, std::size_t header) {
  if (bytes.size() < header)
    throw InputError(file.string(), "header", fmt::format("expected {} bytes, found {}", header, bytes.size()));
  if (idx_word(bytes, 0) != magic) {
    throw InputError(file.string(), "magic",
                     fmt::format("expected 0x{:08x} (uncompressed IDX), found 0x{:08x}", magic, idx_word(bytes, 0)));
  }
}

void expect_size(const fs::path& file, std::uint64_t expected, std::size_t found) {
  if (expected != found)
    throw InputError(file.string(), "data", fmt::format("expected a file of {} bytes, found {}", expected, found));
}

op::Tensor to_tensor(const std::uint8_t* bytes, int height, int width, int channels) {
  op::Tensor tensor(height, width, channels);
  std::copy(bytes, bytes + tensor.data.size(), tensor.data.data());
  return tensor;
}

op::Tensor read_raw(const fs::path& file, const model::Shape& wanted) {
  const std::vector<std::uint8_t> bytes = read_bytes(file);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size == wanted.elements()) return to_tensor(bytes.data(), wanted.height, wanted.width, wanted.channels);
  const std::int64_t grey = std::int64_t{wanted.height} * wanted.width;
  if (size == grey) return to_tensor(bytes.data(), wanted.height, wanted.width, 1);
  throw InputError(
      file.string(), "",
      fmt::format("expected {} bytes ({} x {} x {}{}), found {}", wanted.elements(), wanted.height, wanted.width,
                  wanted.channels, wanted.channels == 1 ? "" : fmt::format(", or {} of a grey image", grey), size));
}

op::Tensor read_npy_image(const fs::path& file) {
  const base::NpyArray array = base::read_npy(file);
  const auto* values = std::get_if<std::vector<std::uint8_t>>(&array.values);
  if (values == nullptr) {
    throw InputError(file.string(), "descr", "expected pixels as uint8, found another element type");
  }
  std::vector<std::size_t> shape = array.shape;
  if (shape.size() == 4 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() == 2) shape.push_back(1);
  const auto in_range = [](std::size_t extent) { return extent >= 1 && extent <= kMaxSide; };
  if (shape.size() != 3 || !std::all_of(shape.begin(), shape.end(), in_range)) {
    throw InputError(file.string(), "shape",
                     fmt::format("expected [height, width, channels] or [height, width], each 1 .. {}, found [{}]",
                                 kMaxSide, fmt::join(array.shape, ", ")));
  }
  return to_tensor(values->data(), static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2]));
}

}  // namespace

std::string image_extension(const fs::path& file) {
  std::string extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  if (extension == ".jpeg") return ".jpg";
  const bool known = extension == ".png" || extension == ".jpg" || extension == ".bin" || extension == ".npy";
  return known ? extension : "";
}

op::Tensor read_image(const fs::path& file, const model::Shape& wanted) {
  const std::string extension = image_extension(file);
  if (extension == ".png") return read_png(file, kMaxSide);
  if (extension == ".jpg") return read_jpeg(file, kMaxSide);
  if (extension == ".bin") return read_raw(file, wanted);
  if (extension == ".npy") return read_npy_image(file);
  throw InputError(file.string(), "", "expected a file name that ends in .png, .jpg, .bin or .npy");
}

Cifar10::Cifar10(const fs::path& file) : bytes_(read_bytes(file)) {
  if (bytes_.empty() || bytes_.size() % kRecord != 0) {
    throw InputError(file.string(), "",
                     fmt::format("expected records of {} bytes, found {} bytes", kRecord, bytes_.size()));
  }
  for (std::size_t record = 0; record < bytes_.size() / kRecord; ++record) {
    if (bytes_[record * kRecord] > 9) {
      throw InputError(file.string(), fmt::format("record {}", record),
                       fmt::format("expected a label in 0 .. 9, found {}", bytes_[record * kRecord]));
    }
  }
}

std::int64_t Cifar10::size() const { return static_cast<std::int64_t>(bytes_.size() / kRecord); }

Image Cifar10::image(std::int64_t index) const {
  const std::uint8_t* record = bytes_.data() + static_cast<std::size_t>(index) * kRecord;
  Image image{op::Tensor(kSide, kSide, 3), record[0]};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t p = 0; p < kPlane; ++p) {
      image.pixels.data(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(c)) = record[1 + c * kPlane + p];
    }
  }
  return image;
}

Idx::Idx(const fs::path& images, const fs::path& labels, const model::Shape& wanted)
    : images_(read_bytes(images)), labels_(read_bytes(labels)) {
  expect_idx(images, images_, kIdxImageMagic, kIdxImageHeader);
  expect_idx(labels, labels_, kIdxLabelMagic, kIdxLabelHeader);
  const std::uint64_t count = idx_word(images_, 1), height = idx_word(images_, 2), width = idx_word(images_, 3);
  if (height < 1 || height > kMaxSide || width < 1 || width > kMaxSide) {
    throw InputError(images.string(), "header",
                     fmt::format("expected images of at most {0} x {0}, found {1} x {2}", kMaxSide, height, width));
  }
  if (idx_word(labels_, 1) != count) {
    throw InputError(labels.string(), "header",
                     fmt::format("expected {} labels, one per image, found {}", count, idx_word(labels_, 1)));
  }
  expect_size(images, kIdxImageHeader + count * height * width, images_.size());
  expect_size(labels, kIdxLabelHeader + count, labels_.size());
  count_ = static_cast<std::int64_t>(count);
  height_ = static_cast<int>(height);
  width_ = static_cast<int>(width);
  const bool fits = height_ <= wanted.height && width_ <= wanted.width;
  framed_height_ = fits ? wanted.height : height_;
  framed_width_ = fits ? wanted.width : width_;
}

Image Idx::image(std::int64_t index) const {
  const auto position = static_cast<std::size_t>(index);
  const std::size_t area = static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
  const std::uint8_t* grey = images_.data() + kIdxImageHeader + position * area;
  Image image{op::Tensor(framed_height_, framed_width_, 1), labels_[kIdxLabelHeader + position]};
  const int top = (framed_height_ - height_) / 2, left = (framed_width_ - width_) / 2;
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x, ++grey) image.pixels.at(top + y, left + x, 0) = *grey;
  }
  return image;
}

}  // namespace systole::dataset
