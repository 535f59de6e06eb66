// SPDX-License-Identifier: Apache-2.0
#pragma once
// Images of any size that a user has: one array, or a folder of files; open_dataset is the way to them.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/dataset/dataset.h"

namespace systole::dataset {

/// An array of uint8, the first extent counts the images; the others are the wanted shape's, of which those of 1 may be
/// left out, or [height, width, channels], or [height, width] of a grey image. The file is held in memory.
class NpyImages : public Dataset {
 public:
  /// `labels`: an .npy of integers or a text with one number a line; empty: none. Throws base::InputError: no uint8, no
  /// images, another number of labels than images, a label that is negative or above 65535.
  NpyImages(const std::filesystem::path& images, const std::filesystem::path& labels, const model::Shape& wanted);
  [[nodiscard]] std::int64_t size() const override { return count_; }

 private:
  [[nodiscard]] Image image(std::int64_t index) const override;
  std::vector<std::uint8_t> values_;
  std::vector<int> labels_;  ///< or empty
  std::int64_t count_ = 0;
  model::Shape shape_;
};

/// Files that read_image reads, by one of:
///   labels.csv in the folder   FILE,LABEL a line; a header line is passed over; in the order of the lines
///   folders in the folder      one for each class: its name's number if all names are numbers, else its place among
///                              the sorted names; images sorted by class and name
///   neither                    the folder's files sorted by name, without labels
class ImageFolder : public Dataset {
 public:
  /// Throws base::InputError: no folder, no image, a line of labels.csv that is none, a file that is missing.
  ImageFolder(const std::filesystem::path& folder, const model::Shape& wanted);
  [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(files_.size()); }

 private:
  struct File {
    std::filesystem::path path;
    int label;
  };
  void read_labels(const std::filesystem::path& file);
  void read_classes(std::vector<std::filesystem::path> classes);

  /// Throws base::InputError for a file that is no image.
  [[nodiscard]] Image image(std::int64_t index) const override;
  std::filesystem::path folder_;
  std::vector<File> files_;
  model::Shape wanted_;
};

}  // namespace systole::dataset
