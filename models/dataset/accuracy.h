// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many images a network names rightly.
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "golden/model/float_execute.h"
#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "models/dataset/dataset.h"

namespace systole::dataset {

/// Fraction of the images first .. first + count - 1 whose largest logit (the first of equals) is at their label.
/// Throws std::invalid_argument where count < 1 or an image does not fit the network, std::out_of_range beyond the data
/// set.
double accuracy(const model::Network& network, const Dataset& dataset, std::int64_t first, std::int64_t count);
double accuracy(const model::FloatNetwork& network, const Dataset& dataset, std::int64_t first, std::int64_t count,
                const model::BeforeRelu& before_relu = {});

/// The largest logit (the first of equals) of each of these images. Throws as accuracy.
std::vector<int> answers(const model::FloatNetwork& network, const Dataset& dataset, std::int64_t first,
                         std::int64_t count);

/// Images whose labels are answers, one for each of the first images.
class AnsweredImages : public Dataset {
 public:
  AnsweredImages(std::unique_ptr<Dataset> images, std::vector<int> answers)
      : images_(std::move(images)), answers_(std::move(answers)) {}
  [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(answers_.size()); }

 private:
  [[nodiscard]] Image image(std::int64_t index) const override {
    return {images_->at(index).pixels, answers_[static_cast<std::size_t>(index)]};
  }
  std::unique_ptr<Dataset> images_;
  std::vector<int> answers_;
};

}  // namespace systole::dataset
