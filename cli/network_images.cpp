// SPDX-License-Identifier: Apache-2.0
#include "cli/network_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "base/as_size.h"
#include "base/counted.h"
#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/format/pixels.h"
#include "models/dataset/network_input.h"

namespace systole::cli {

NetworkImages::NetworkImages(const std::string& folder, const model::Network& network,
                             const std::vector<std::string>& files, const std::string& dataset)
    : network_(network), names_(files) {
  for (const std::string& file : files) files_.push_back(dataset::read_input(network.input, file));
  if (!files_.empty()) {
    source_ = "--input";
    return;
  }
  const model::Shape wanted = model::tensor_shape(network, 0);
  if (dataset.empty()) samples_ = model::load_samples(network, folder);
  if (!samples_.empty()) {
    source_ = (std::filesystem::path(folder) / model::kSamplesFolder).string();
    return;
  }
  if (dataset.empty() && wanted != dataset::kColour32) {
    throw base::InputError(
        folder, "",
        fmt::format(
            "expected --input FILE or --dataset NAME: the network reads {}, the drawn digits are {}, and it has "
            "no samples/",
            model::to_string(wanted), model::to_string(dataset::kColour32)));
  }
  source_ = dataset.empty() ? "glyphs" : dataset;
  dataset_ = dataset::open_dataset(source_, wanted);
}

std::int64_t NetworkImages::size() const {
  if (dataset_) return dataset_->size();
  return static_cast<std::int64_t>(std::max(files_.size(), samples_.size()));
}

std::int64_t NetworkImages::count(std::int64_t first, std::int64_t most) const {
  if (first >= size()) {
    throw base::InputError(source_, fmt::format("image {}", first),
                           "there are " + base::counted(base::as_size(size()), "image"));
  }
  return std::min(most, size() - first);
}

session::InputImage NetworkImages::at(std::int64_t index) const {
  const auto place = static_cast<std::size_t>(index);
  if (!files_.empty()) return {.index = index, .label = -1, .input = files_.at(place)};
  if (!samples_.empty()) return {.index = index, .label = -1, .input = samples_.at(place).input};
  const dataset::Image image = dataset_->at(index);
  try {
    return {.index = index, .label = image.label, .input = model::to_input(network_.input, image.pixels)};
  } catch (const std::invalid_argument& error) {
    throw base::InputError(source_, fmt::format("image {}", index), error.what());
  }
}

std::string NetworkImages::name(std::int64_t index) const {
  if (!files_.empty()) return names_.at(static_cast<std::size_t>(index));
  return fmt::format("{} image {}", samples_.empty() ? source_ : "samples", index);
}

const op::Tensor* NetworkImages::expected(std::int64_t index) const {
  return samples_.empty() ? nullptr : &samples_.at(static_cast<std::size_t>(index)).expected;
}

void SampleCheck::add(std::int64_t index, const op::Tensor& answer, const op::Tensor* expected) {
  if (expected == nullptr) return;
  ++samples_;
  values_ += expected->data.size();
  for (Eigen::Index i = 0; i < expected->data.size(); ++i) {
    const std::int32_t found = answer.data.data()[i], wanted = expected->data.data()[i];
    if (found == wanted || ++differ_ > 1) continue;
    first_ = fmt::format(", first value {} of sample {}: expected {}, found {}", i, index, wanted, found);
  }
}

std::string SampleCheck::text() const {
  if (samples_ == 0) return {};
  return fmt::format("{}: {} of {} values differ from those expected{}\n",
                     base::counted(base::as_size(samples_), "sample"), differ_, values_, first_);
}

}  // namespace systole::cli
