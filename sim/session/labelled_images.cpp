// SPDX-License-Identifier: Apache-2.0
#include "sim/session/labelled_images.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "golden/fixed/saturate.h"
#include "golden/format/graph_check.h"
#include "models/dataset/accuracy.h"

namespace systole::session {

namespace {

constexpr std::int64_t kChunk = 32;  // images between looks at Ctrl-C

}  // namespace

LabelledImages::LabelledImages(const std::string& dataset, std::int64_t count, const model::Shape& wanted)
    : name_(dataset),
      images_(dataset::open_dataset(dataset, wanted)),
      count_(std::min(count, images_->size())),
      labelled_(count_ >= 1 && images_->at(0).label >= 0) {
  if (count_ < 1) throw base::InputError(dataset, "", "expected at least one image, found none");
}

LabelledImages::LabelledImages(const std::string& dataset, std::int64_t count, const model::FloatNetwork& network)
    : LabelledImages(dataset, count, model::tensor_shape(network, 0)) {
  if (labelled_) return;
  std::vector<int> answers;
  const auto answer = [&](std::int64_t first, std::int64_t chunk) {
    const std::vector<int> some = dataset::answers(network, *images_, first, chunk);
    answers.insert(answers.end(), some.begin(), some.end());
    return 1.0;
  };
  (void)measure(network.name, answer, {});
  images_ = std::make_unique<dataset::AnsweredImages>(std::move(images_), std::move(answers));
}

double LabelledImages::measure(const std::string& name, const std::function<double(std::int64_t, std::int64_t)>& right,
                               const std::function<void(std::int64_t)>& measured) const {
  double met = 0;
  try {
    for (std::int64_t done = 0; done < count_; done += kChunk) {
      if (base::interrupted()) throw base::Interrupted();
      const std::int64_t chunk = std::min(kChunk, count_ - done);
      met += right(done, chunk) * static_cast<double>(chunk);
      if (measured) measured(done + chunk);
    }
  } catch (const std::invalid_argument& error) {
    throw base::InputError(name_, "", error.what());
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(name, "", error.what());
  }
  return met / static_cast<double>(count_);
}

void LabelledImages::expect_labels() const {
  if (images_->at(0).label < 0) throw base::InputError(name_, "", "expected images with labels, found none");
}

double LabelledImages::accuracy(const model::FloatNetwork& network, const std::function<void(std::int64_t)>& measured,
                                const model::BeforeRelu& before_relu) const {
  expect_labels();
  return measure(
      network.name,
      [&](std::int64_t first, std::int64_t count) {
        return dataset::accuracy(network, *images_, first, count, before_relu);
      },
      measured);
}

double LabelledImages::accuracy(const model::Network& network,
                                const std::function<void(std::int64_t)>& measured) const {
  expect_labels();
  return measure(
      network.name,
      [&](std::int64_t first, std::int64_t count) { return dataset::accuracy(network, *images_, first, count); },
      measured);
}

std::vector<op::Tensor> first_images(const std::string& dataset, std::int64_t count, const model::Shape& wanted) {
  const auto source = dataset::open_dataset(dataset, wanted);
  if (source->size() < 1) throw base::InputError(dataset, "", "expected at least one image, found none");
  std::vector<op::Tensor> images;
  images.reserve(static_cast<std::size_t>(std::min(count, std::min<std::int64_t>(source->size(), 1 << 16))));
  for (std::int64_t i = 0; i < std::min(count, source->size()); ++i) images.push_back(source->at(i).pixels);
  return images;
}

}  // namespace systole::session
