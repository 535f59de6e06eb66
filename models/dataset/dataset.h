// SPDX-License-Identifier: Apache-2.0
#pragma once
// Images with labels: synthetic digits, CIFAR-10, MNIST's format, single files.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "golden/format/network_folder.h"
#include "golden/op/tensor.h"

namespace systole::dataset {

/// What glyphs and CIFAR-10 give.
inline constexpr model::Shape kColour32{.height = 32, .width = 32, .channels = 3};

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
///   idx:IMAGES,LABELS                 MNIST's format, uncompressed; grey images, centred in a wanted shape that is
///                                     larger
///   npy:IMAGES[,LABELS]               uint8 [images, height, width, channels]; labels .npy or a number a line
///   folder:DIR                        images in a folder for each class, or with a labels.csv, or without labels
///   FILE.png, .jpg, .bin, .npy        one image without label (read_image)
/// `wanted` is the shape of the network's input, for files that are fitted to it. Throws base::InputError for an
/// unknown description or a file that is not what it should be.
std::unique_ptr<Dataset> open_dataset(const std::string& description, const model::Shape& wanted = kColour32);

/// Reads one image of any size up to 4096 x 4096, with the channels that the file has: PNG (grey or RGB, 16 bits cut to
/// the high byte, alpha over black, gamma ignored: the stored values), JPEG (jpeg_image.h), .npy (uint8, [h, w, c] or
/// [h, w], with a batch of 1 in front or without) or .bin (uint8, of the wanted shape or grey of its height and width).
/// Throws base::InputError.
op::Tensor read_image(const std::filesystem::path& file, const model::Shape& wanted = kColour32);

}  // namespace systole::dataset
