// SPDX-License-Identifier: Apache-2.0
#pragma once
// The images that commands measure accuracy on.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "golden/model/float_execute.h"
#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "models/dataset/dataset.h"

namespace systole::session {

/// The first images of a data set, all with labels or none.
class LabelledImages {
 public:
  /// At most `count` images, for networks with inputs of this shape. Throws base::InputError for a data set that is
  /// empty.
  LabelledImages(const std::string& dataset, std::int64_t count, const model::Shape& wanted);
  /// The same for this network; where the set has no labels, what the network answers takes their place, so that an
  /// accuracy is the agreement with it. Throws as accuracy().
  LabelledImages(const std::string& dataset, std::int64_t count, const model::FloatNetwork& network);

  [[nodiscard]] std::int64_t count() const { return count_; }
  /// "accuracy", or "agreement with float" where the network's answers are the labels.
  [[nodiscard]] const char* measured() const { return labelled_ ? "accuracy" : "agreement with float"; }
  /// For a line of several figures: ", no labels: agreement with float", or nothing.
  [[nodiscard]] const char* note() const { return labelled_ ? "" : ", no labels: agreement with float"; }

  /// Fraction of the images whose largest output is at their label. Any number of threads may measure at once.
  /// `measured` (if any) is called now and then with the number of images done. Throws base::Interrupted after SIGINT
  /// (where a base::InterruptGuard lives), base::InputError for images that do not fit the network or have no labels,
  /// and for a partial sum that leaves its declared width.
  [[nodiscard]] double accuracy(const model::FloatNetwork& network,
                                const std::function<void(std::int64_t)>& measured = {},
                                const model::BeforeRelu& before_relu = {}) const;
  [[nodiscard]] double accuracy(const model::Network& network,
                                const std::function<void(std::int64_t)>& measured = {}) const;

 private:
  void expect_labels() const;
  /// `right(first, count)`: the fraction of these images that the network named `name` meets.
  [[nodiscard]] double measure(const std::string& name, const std::function<double(std::int64_t, std::int64_t)>& right,
                               const std::function<void(std::int64_t)>& measured) const;

  std::string name_;
  std::unique_ptr<dataset::Dataset> images_;
  std::int64_t count_;
  bool labelled_;
};

/// The pixels of the first `count` images of a data set, or of all where it has fewer, for a network with inputs of
/// this shape. Throws base::InputError for a set without images.
std::vector<op::Tensor> first_images(const std::string& dataset, std::int64_t count, const model::Shape& wanted);

}  // namespace systole::session
