// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a network is run on: the files given, else the data set named, else the network's own samples, else drawn
// digits.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "golden/format/samples.h"
#include "golden/model/network.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"

namespace systole::cli {

class NetworkImages {
 public:
  /// Keeps a reference to the network. `folder` is the network's, `files` and `dataset` are what was asked for, perhaps
  /// nothing. Throws base::InputError for files, data set or samples that are not what they should be, and where
  /// nothing is left that fits the network's input.
  NetworkImages(const std::string& folder, const model::Network& network, const std::vector<std::string>& files,
                const std::string& dataset);

  /// How many there are.
  [[nodiscard]] std::int64_t size() const;
  /// How many there are from `first` on, at most `most`. Throws base::InputError where there is none.
  [[nodiscard]] std::int64_t count(std::int64_t first, std::int64_t most) const;
  /// Image `index`, 0 .. size() - 1. Throws base::InputError where it does not fit the network's input.
  [[nodiscard]] session::InputImage at(std::int64_t index) const;
  /// What it is called in a table: the file, or the source's name and the index.
  [[nodiscard]] std::string name(std::int64_t index) const;

  /// Samples come with what the network must answer; nullptr for any other image.
  [[nodiscard]] const op::Tensor* expected(std::int64_t index) const;
  /// Whether the images come from a data set with labels.
  [[nodiscard]] bool labelled() const {
    return dataset_ != nullptr && dataset_->size() > 0 && dataset_->at(0).label >= 0;
  }
  /// The data set's description, the samples' folder or "--input".
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  const model::Network& network_;
  std::vector<std::string> names_;  ///< of files
  std::vector<op::Tensor> files_;
  std::vector<model::Sample> samples_;
  std::unique_ptr<dataset::Dataset> dataset_;  ///< where there are neither
  std::string source_;
};

/// How answers differ from what samples expect.
class SampleCheck {
 public:
  /// `expected`: as NetworkImages::expected() gives it, nothing is counted for nullptr.
  void add(std::int64_t index, const op::Tensor& answer, const op::Tensor* expected);
  /// "3 samples: 0 of 30 values differ from those expected\n", empty where nothing was compared.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool holds() const { return differ_ == 0; }

 private:
  std::int64_t samples_ = 0, values_ = 0, differ_ = 0;
  std::string first_;  ///< the first difference
};

}  // namespace systole::cli
