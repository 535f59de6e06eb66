// SPDX-License-Identifier: Apache-2.0
#pragma once
// --outputs FILE: what the network answered to each image, as integers and, where the network has their scale, as real
// values.
#include <cstdint>
#include <string>
#include <vector>

#include "golden/model/network.h"

namespace systole::cli {

class OutputsFile {
 public:
  /// An empty `file` keeps and writes nothing. Keeps a reference to the network. Throws base::InputError where the name
  /// ends in neither .npy nor .csv or there is no place for the file.
  OutputsFile(std::string file, const model::Network& network);

  [[nodiscard]] bool wanted() const { return !file_.empty(); }
  /// `label`: -1 where it is unknown.
  void add(std::int64_t image, int label, const op::Tensor& output);
  /// .npy: int32 [images, height, width, channels]. .csv: image, label, output (its index in HWC order), class,
  /// integer, real; empty where it is unknown. Throws base::InputError where it cannot be written.
  void write() const;

 private:
  [[nodiscard]] std::string npy() const;
  [[nodiscard]] std::string csv() const;

  struct Answer {
    std::int64_t image;
    int label;
    op::Tensor output;
  };
  std::string file_;
  const model::Network& network_;
  std::vector<Answer> answers_;
};

}  // namespace systole::cli
