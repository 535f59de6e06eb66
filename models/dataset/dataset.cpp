// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/dataset.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "base/input_error.h"
#include "models/dataset/glyphs.h"
#include "models/dataset/readers.h"
#include "models/dataset/user_images.h"

namespace systole::dataset {

namespace {

std::unique_ptr<Dataset> open_glyphs(const std::string& description, std::string_view split) {
  if (split == "train") return std::make_unique<Glyphs>(GlyphSplit::train);
  if (split == "calibration") return std::make_unique<Glyphs>(GlyphSplit::calibration);
  if (split == "test") return std::make_unique<Glyphs>(GlyphSplit::test);
  throw base::InputError(description, "", "expected glyphs:train, glyphs:calibration or glyphs:test");
}

std::unique_ptr<Dataset> open_idx(const std::string& description, const std::string& files,
                                  const model::Shape& wanted) {
  const std::size_t comma = files.find(',');
  if (comma == std::string::npos) throw base::InputError(description, "", "expected idx:IMAGES,LABELS");
  return std::make_unique<Idx>(files.substr(0, comma), files.substr(comma + 1), wanted);
}

std::unique_ptr<Dataset> open_npy(const std::string& files, const model::Shape& wanted) {
  const std::size_t comma = files.find(',');
  return std::make_unique<NpyImages>(files.substr(0, comma),
                                     comma == std::string::npos ? std::string() : files.substr(comma + 1), wanted);
}

}  // namespace

Image Dataset::at(std::int64_t index) const {
  if (index < 0 || index >= size()) {
    throw std::out_of_range(fmt::format("image {} of a data set of {}", index, size()));
  }
  return image(index);
}

std::unique_ptr<Dataset> open_dataset(const std::string& description, const model::Shape& wanted) {
  const std::size_t colon = description.find(':');
  const std::string kind = description.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : description.substr(colon + 1);
  const bool drawn = kind == "glyphs" && (wanted.height != kColour32.height || wanted.width != kColour32.width);
  if (drawn) {
    throw base::InputError(description, "",
                           fmt::format("drawn digits are {}, the network reads {}: expected npy:IMAGES[,LABELS], "
                                       "folder:DIR or idx:IMAGES,LABELS",
                                       model::to_string(kColour32), model::to_string(wanted)));
  }
  if (description == "glyphs") return open_glyphs(description, "test");
  if (colon != std::string::npos && kind == "glyphs") return open_glyphs(description, rest);
  if (colon != std::string::npos && kind == "cifar10") return std::make_unique<Cifar10>(rest);
  if (colon != std::string::npos && kind == "idx") return open_idx(description, rest, wanted);
  if (colon != std::string::npos && kind == "npy") return open_npy(rest, wanted);
  if (colon != std::string::npos && kind == "folder") return std::make_unique<ImageFolder>(rest, wanted);
  if (!image_extension(description).empty()) return std::make_unique<SingleImage>(description, wanted);
  throw base::InputError(
      description, "",
      "expected a data set: glyphs[:train|calibration|test], cifar10:FILE, idx:IMAGES,LABELS, npy:IMAGES[,LABELS], "
      "folder:DIR, or FILE.png, FILE.jpg, FILE.bin, FILE.npy");
}

}  // namespace systole::dataset
