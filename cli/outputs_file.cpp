// SPDX-License-Identifier: Apache-2.0
#include "cli/outputs_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/csv.h"
#include "base/input_error.h"
#include "base/npy.h"
#include "base/output_file.h"

namespace systole::cli {

namespace {

std::string class_name(const model::Network& network, std::int64_t output) {
  const auto place = static_cast<std::size_t>(output);
  return place < network.classes.size() ? base::csv_field(network.classes[place]) : "";
}

}  // namespace

OutputsFile::OutputsFile(std::string file, const model::Network& network) : file_(std::move(file)), network_(network) {
  if (file_.empty()) return;
  if (!file_.ends_with(".npy") && !file_.ends_with(".csv")) {
    throw base::InputError(file_, "", "expected a file name that ends in .npy or .csv");
  }
  base::require_place_for(file_);
}

void OutputsFile::add(std::int64_t image, int label, const op::Tensor& output) {
  if (wanted()) answers_.push_back({image, label, output});
}

void OutputsFile::write() const {
  if (wanted()) base::write_file_at_once(file_, file_.ends_with(".npy") ? npy() : csv());
}

std::string OutputsFile::npy() const {
  const op::Layer& last = network_.nodes.back().layer;
  const auto extent = [](auto size) { return static_cast<std::size_t>(size); };
  std::vector<std::int32_t> values;
  for (const Answer& answer : answers_) {
    values.insert(values.end(), answer.output.data.data(), answer.output.data.data() + answer.output.data.size());
  }
  return base::npy_bytes({.shape = {answers_.size(), extent(last.out_h), extent(last.out_w), extent(last.out_c)},
                          .values = std::move(values)});
}

std::string OutputsFile::csv() const {
  std::string text = "image,label,output,class,integer,real\n";
  for (const Answer& answer : answers_) {
    const std::int64_t channels = answer.output.channels();
    for (std::int64_t i = 0; i < answer.output.data.size(); ++i) {
      const std::int32_t value = answer.output.data.data()[i];
      text += fmt::format("{},{},{},{},{},{}\n", answer.image, answer.label < 0 ? "" : fmt::to_string(answer.label), i,
                          class_name(network_, i), value,
                          network_.output ? fmt::format("{:.9g}", network_.output->real(value, i % channels)) : "");
    }
  }
  return text;
}

}  // namespace systole::cli
