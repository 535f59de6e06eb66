// SPDX-License-Identifier: Apache-2.0
#include "vectors/clipq/clipq_fit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/input_error.h"
#include "golden/fast/op.h"
#include "golden/format/network_folder.h"
#include "vectors/set/hex_text.h"

namespace systole::vectors {
namespace {

constexpr std::size_t kPackedDigits = 8;

/// Word of Out8.hex that holds an output (docs/vectors.md, `clipq`).
std::size_t word_of(const op::Tensor& output, ClipqPacking packing, Eigen::Index pixel, Eigen::Index channel) {
  const Eigen::Index word = packing == ClipqPacking::plain ? channel * output.pixels() + pixel
                                                           : pixel * ((output.channels() + 3) / 4) + channel / 4;
  return static_cast<std::size_t>(word);
}

}  // namespace

std::string to_string(const ClipqStage& s) {
  std::string text = fmt::format("{} by {} bits", fixed::to_string(s.rule), s.shift);
  if (s.low == 0) text += ", ReLU";
  if ((s.low != 0 && s.low != -128) || s.high != 127) text += fmt::format(", {} .. {}", s.low, s.high);
  return text;
}

bool has_clipq_files(const std::filesystem::path& folder) {
  return std::filesystem::exists(folder / "In8.hex") || std::filesystem::exists(folder / "W2.hex");
}

ClipqPacking clipq_packing(const std::filesystem::path& folder) {
  return usual_digits(folder / "In8.hex") >= kPackedDigits - 1 ? ClipqPacking::packed : ClipqPacking::plain;
}

ClipqStage read_clipq_stage(Manifest& manifest, const ClipqSet& set) {
  base::JsonObject& json = manifest.shape;
  const auto require = [&json](const char* key, int size) {
    const std::int64_t found = json.integer(key, 0, model::kMaxElements);
    if (found != size) json.fail(key, fmt::format("expected {} as in param.hex, found {}", size, found));
  };
  require("size", set.size());
  require("in_channels", set.in_channels());
  require("out_channels", set.out_channels());
  require("kernel", set.kernel);
  require("pad", set.kernel / 2);
  const std::string name = json.text("rule", 1, 64);
  ClipqStage stage;
  for (int rule = 0;; ++rule) {
    if (rule == fixed::kRoundingCount) json.fail("rule", fmt::format("expected a rounding rule, found '{}'", name));
    stage.rule = static_cast<fixed::Rounding>(rule);
    if (fixed::to_string(stage.rule) == name) break;
  }
  stage.shift = static_cast<int>(json.integer("shift", 0, 31));
  stage.low = static_cast<std::int32_t>(json.integer("out_min", -128, 127));
  stage.high = static_cast<std::int32_t>(json.integer("out_max", stage.low, 127));
  json.finish();
  return stage;
}

op::Layer clipq_layer(const ClipqSet& set, const ClipqStage& stage) {
  op::Layer layer;
  layer.name = "conv";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = set.size();
  layer.in_c = set.in_channels();
  layer.out_c = set.out_channels();
  layer.window.kernel_h = layer.window.kernel_w = set.kernel;
  layer.window.pad_top = layer.window.pad_left = set.kernel / 2;
  layer.wgt_bits = 2;
  layer.codebook.assign(set.codebook.begin(), set.codebook.end());
  layer.weights = set.codes;
  layer.bias = set.bias;
  layer.out.rule = stage.rule;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  layer.out.n = {stage.shift};
  layer.out.act_min = stage.low;
  layer.out.act_max = stage.high;
  return layer;
}

Comparison compare_clipq_map(const std::filesystem::path& file, const op::Tensor& map, ClipqPacking packing,
                             const op::Tensor& other, std::string_view name) {
  return compare(map.data, other.data, name, [&](Eigen::Index pixel, Eigen::Index oc) {
    return ElementPlace{
        tensor_coordinate("output", map.width, pixel, oc),
        fmt::format("{} line {}", file.filename().string(), line_of_word(file, word_of(map, packing, pixel, oc)))};
  });
}

Comparison compare_outputs(const std::filesystem::path& folder, const ClipqSet& set, ClipqPacking packing,
                           const op::Tensor& other, std::string_view name) {
  return compare_clipq_map(folder / "Out8.hex", set.output, packing, other, name);
}

std::vector<ClipqFit> fit_stages(const std::filesystem::path& folder, const ClipqSet& set, ClipqPacking packing,
                                 const std::optional<ClipqStage>& stated) {
  std::vector<ClipqStage> stages;
  if (stated) stages.push_back(*stated);
  for (const auto rule : {fixed::Rounding::clipq, fixed::Rounding::trunc}) {
    for (const std::int32_t low : {0, -128}) {
      const ClipqStage stage{.rule = rule, .low = low};
      if (stage != stated) stages.push_back(stage);
    }
  }
  std::vector<ClipqFit> fits;
  for (const ClipqStage& stage : stages) {
    const op::Layer layer = clipq_layer(set, stage);
    const op::Tensor* const input = &set.input;
    fits.push_back(
        {.stage = stage,
         .comparison = compare_outputs(folder, set, packing, fast::run_layer(layer, {&input, 1}), "golden")});
  }
  std::stable_sort(fits.begin() + (stated ? 1 : 0), fits.end(),
                   [](const ClipqFit& a, const ClipqFit& b) { return a.comparison.differ < b.comparison.differ; });
  return fits;
}

}  // namespace systole::vectors
