// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/user_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/npy.h"
#include "models/dataset/readers.h"

namespace systole::dataset {

namespace fs = std::filesystem;
using base::InputError;

namespace {

constexpr int kMaxLabel = 65535;
constexpr std::size_t kLongestSide = 65535;

std::optional<int> to_label(std::string_view text) {
  while (text.ends_with('\r') || text.ends_with(' ')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  int label = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && label >= 0 && label <= kMaxLabel ? std::optional(label) : std::nullopt;
}

[[noreturn]] void refuse_label(const fs::path& file, std::size_t line, const std::string& found) {
  throw InputError(file.string(), fmt::format("line {}", line),
                   fmt::format("expected a label of 0 .. {}, found '{}'", kMaxLabel, found));
}

std::string read_text(const fs::path& file) {
  const std::vector<std::byte> bytes = base::read_bytes(file);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<int> labels_of_array(const fs::path& file) {
  std::vector<int> labels;
  std::visit(
      [&](const auto& values) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(values[0])>>) {
          throw InputError(file.string(), "descr", "expected integers, found float32");
        } else {
          for (const auto value : values) {
            if (value < 0 || value > kMaxLabel) refuse_label(file, labels.size() + 1, fmt::to_string(value));
            labels.push_back(static_cast<int>(value));
          }
        }
      },
      base::read_npy(file).values);
  return labels;
}

std::vector<int> read_labels(const fs::path& file) {
  if (file.extension() == ".npy") return labels_of_array(file);
  std::vector<int> labels;
  std::istringstream lines(read_text(file));
  for (std::string line; std::getline(lines, line);) {
    const std::optional<int> label = to_label(line);
    if (!label) refuse_label(file, labels.size() + 1, line);
    labels.push_back(*label);
  }
  return labels;
}

std::vector<std::size_t> without_ones(std::vector<std::size_t> extents) {
  std::erase(extents, 1U);
  return extents;
}

/// Of one image of an array.
std::optional<model::Shape> image_shape(const std::vector<std::size_t>& extents, const model::Shape& wanted) {
  if (std::ranges::any_of(extents, [](std::size_t extent) { return extent < 1 || extent > kLongestSide; })) return {};
  const auto extent = [](int value) { return static_cast<std::size_t>(value); };
  if (without_ones(extents) == without_ones({extent(wanted.height), extent(wanted.width), extent(wanted.channels)})) {
    return wanted;
  }
  const auto side = [&extents](std::size_t i) { return static_cast<int>(extents[i]); };
  if (extents.size() == 2) return model::Shape{side(0), side(1), 1};
  if (extents.size() == 3) return model::Shape{side(0), side(1), side(2)};
  return {};
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

}  // namespace

NpyImages::NpyImages(const fs::path& images, const fs::path& labels, const model::Shape& wanted) {
  base::NpyArray array = base::read_npy(images);
  auto* const values = std::get_if<std::vector<std::uint8_t>>(&array.values);
  if (values == nullptr) throw InputError(images.string(), "descr", "expected pixels as uint8 ('|u1')");
  std::optional<model::Shape> shape;
  if (!array.shape.empty()) shape = image_shape({array.shape.begin() + 1, array.shape.end()}, wanted);
  if (!shape || array.shape[0] == 0) {
    throw InputError(images.string(), "shape",
                     fmt::format("expected [images, height, width, channels] or [images, height, width], found [{}]",
                                 fmt::join(array.shape, ", ")));
  }
  shape_ = *shape;
  count_ = static_cast<std::int64_t>(array.shape[0]);
  values_ = std::move(*values);
  if (labels.empty()) return;
  labels_ = read_labels(labels);
  if (labels_.size() != array.shape[0]) {
    throw InputError(labels.string(), "",
                     fmt::format("expected {} labels, one per image, found {}", count_, labels_.size()));
  }
}

Image NpyImages::image(std::int64_t index) const {
  Image image{op::Tensor(shape_.height, shape_.width, shape_.channels), -1};
  std::copy_n(values_.begin() + index * shape_.elements(), shape_.elements(), image.pixels.data.data());
  if (!labels_.empty()) image.label = labels_[static_cast<std::size_t>(index)];
  return image;
}

ImageFolder::ImageFolder(const fs::path& folder, const model::Shape& wanted) : folder_(folder), wanted_(wanted) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw InputError(folder.string(), "", "expected a folder of images");
  const fs::path labels = folder / "labels.csv";
  const std::vector<fs::path> entries = sorted_entries(folder);
  std::vector<fs::path> classes;
  std::ranges::copy_if(entries, std::back_inserter(classes), [](const fs::path& p) { return fs::is_directory(p); });
  if (fs::exists(labels, error)) {
    read_labels(labels);
  } else if (!classes.empty()) {
    read_classes(std::move(classes));
  } else {
    for (const fs::path& file : entries) {
      if (!image_extension(file).empty()) files_.push_back({file, -1});
    }
  }
  if (files_.empty()) throw InputError(folder.string(), "", "expected images (.png, .jpg, .npy, .bin), found none");
}

void ImageFolder::read_labels(const fs::path& file) {
  std::istringstream lines(read_text(file));
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line == "\r") continue;
    const std::size_t comma = line.rfind(',');
    const std::string name = line.substr(0, comma);
    const std::optional<int> label = comma == std::string::npos ? std::nullopt : to_label(line.substr(comma + 1));
    if (!label && number == 1) continue;  // a header
    if (!label) refuse_label(file, number, line);
    std::error_code error;
    if (!fs::exists(folder_ / name, error)) {
      throw InputError(file.string(), fmt::format("line {}", number), fmt::format("there is no file '{}'", name));
    }
    files_.push_back({folder_ / name, *label});
  }
}

void ImageFolder::read_classes(std::vector<fs::path> classes) {
  const auto number = [](const fs::path& folder) { return to_label(folder.filename().string()); };
  const bool numbers = std::ranges::all_of(classes, [&](const fs::path& folder) { return number(folder).has_value(); });
  if (numbers) std::ranges::stable_sort(classes, {}, [&](const fs::path& folder) { return *number(folder); });
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const int label = numbers ? *number(classes[i]) : static_cast<int>(i);
    for (const fs::path& file : sorted_entries(classes[i])) {
      if (!image_extension(file).empty()) files_.push_back({file, label});
    }
  }
}

Image ImageFolder::image(std::int64_t index) const {
  const auto& [path, label] = files_[static_cast<std::size_t>(index)];
  return {read_image(path, wanted_), label};
}

}  // namespace systole::dataset
