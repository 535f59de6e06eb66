// SPDX-License-Identifier: Apache-2.0
#pragma once
// Images with labels: synthetic digits, CIFAR-10, MNIST's format, single files.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "golden/op/tensor.h"

namespace systole::dataset {

/// One 8-bit image: values 0 .. 255, HWC.
struct Image {
  op::Tensor pixels;
  int label = -1;  ///< class number, -1 = unknown
};

class Dataset {
 public:
  Dataset() = default;
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;
  virtual ~Dataset() = default;

  /// Number of images.
  [[nodiscard]] virtual std::int64_t size() const = 0;
  /// Image `index`, the same for every call. Throws std::out_of_range outside 0 .. size() - 1.
  [[nodiscard]] Image at(std::int64_t index) const;

 private:
  [[nodiscard]] virtual Image image(std::int64_t index) const = 0;
};

/// Opens a data set by its description:
///   glyphs[:train|calibration|test]   drawn digits (glyphs.h), 32 x 32 x 3, endless; test where nothing is said
///   cifar10:FILE                      CIFAR-10 binary records, 32 x 32 x 3
///   idx:IMAGES,LABELS                 MNIST's format, uncompressed; grey images of at most 32 x 32 centred into 32 x
///   32 x 3 FILE.png, FILE.bin, FILE.npy      one image without label (read_image)
/// Throws base::InputError for an unknown description or a file that is not what it should be.
std::unique_ptr<Dataset> open_dataset(const std::string& description);

/// Reads one image of any size up to 4096 x 4096: PNG (RGB; alpha over black), .npy (uint8, shape [h, w, c]) or .bin
/// (uint8 RGB, square: 3 * side * side bytes). Throws base::InputError.
op::Tensor read_image(const std::filesystem::path& file);

}  // namespace systole::dataset
