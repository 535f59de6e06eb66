// SPDX-License-Identifier: Apache-2.0
#pragma once
// Data sets in files; open_dataset is the way to them.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/dataset/dataset.h"

namespace systole::dataset {

/// What read_image goes by: ".png", ".jpg" (of .jpeg too), ".bin" or ".npy", in small letters; empty for another file.
std::string image_extension(const std::filesystem::path& file);

/// CIFAR-10 binary version: records of one label byte (0 .. 9) and 3072 bytes, planes R, G, B of 32 x 32
/// (https://www.cs.toronto.edu/~kriz/cifar.html). The file is held in memory.
class Cifar10 : public Dataset {
 public:
  /// Throws base::InputError: unreadable, empty, not a whole number of records, a label above 9.
  explicit Cifar10(const std::filesystem::path& file);
  [[nodiscard]] std::int64_t size() const override;

 private:
  [[nodiscard]] Image image(std::int64_t index) const override;
  std::vector<std::uint8_t> bytes_;
};

/// IDX pair of MNIST (http://yann.lecun.com/exdb/mnist): big-endian headers, grey images, one label byte each. Images
/// that are smaller than the wanted height and width are centred in them, zeros around.
class Idx : public Dataset {
 public:
  /// Throws base::InputError: wrong magic (a compressed file too), counts that differ, images above 4096 x 4096, wrong
  /// length.
  Idx(const std::filesystem::path& images, const std::filesystem::path& labels, const model::Shape& wanted);
  [[nodiscard]] std::int64_t size() const override { return count_; }

 private:
  [[nodiscard]] Image image(std::int64_t index) const override;
  std::vector<std::uint8_t> images_, labels_;
  std::int64_t count_ = 0;
  int height_ = 0, width_ = 0;                ///< as stored
  int framed_height_ = 0, framed_width_ = 0;  ///< with the zeros around
};

/// One image, no label.
class SingleImage : public Dataset {
 public:
  SingleImage(const std::filesystem::path& file, const model::Shape& wanted) : pixels_(read_image(file, wanted)) {}
  [[nodiscard]] std::int64_t size() const override { return 1; }

 private:
  [[nodiscard]] Image image(std::int64_t /*index*/) const override { return {pixels_, -1}; }
  op::Tensor pixels_;
};

}  // namespace systole::dataset
