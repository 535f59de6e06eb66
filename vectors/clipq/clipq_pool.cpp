// SPDX-License-Identifier: Apache-2.0
#include "vectors/clipq/clipq_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/input_error.h"
#include "golden/fast/op.h"
#include "golden/fixed/ceil_div.h"
#include "vectors/clipq/clipq_fit.h"
#include "vectors/set/hex_text.h"

namespace systole::vectors {
namespace {

constexpr int kLongestWindow = 15;

/// Side of the square map that so many words hold.
int side_of(const std::filesystem::path& file, ClipqPacking packing, int channels) {
  const std::size_t words = count_hex_words(file);
  const auto per_pixel =
      static_cast<std::size_t>(packing == ClipqPacking::plain ? channels : fixed::ceil_div(channels, 4));
  const std::size_t pixels = words / per_pixel;
  const auto side = std::lround(std::sqrt(static_cast<double>(pixels)));
  if (side > 0 && static_cast<std::size_t>(side * side) * per_pixel == words) return static_cast<int>(side);
  throw base::InputError(file.string(), fmt::format("line {}", line_of_word(file, words == 0 ? 0 : words - 1)),
                         fmt::format("{} words end here, expected a square map of {} channels", words, channels));
}

op::Layer pool_layer(const op::Tensor& input, int out, int kernel, int stride, int pad) {
  op::Layer layer;
  layer.name = "pool";
  layer.kind = op::Kind::max_pool;
  layer.in_h = layer.in_w = input.height;
  layer.in_c = layer.out_c = input.channels();
  layer.out_h = layer.out_w = out;
  layer.window.kernel_h = layer.window.kernel_w = kernel;
  layer.window.stride_h = layer.window.stride_w = stride;
  layer.window.pad_top = layer.window.pad_left = pad;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  return layer;
}

/// The maximum over a window and, where no tap is padding, its averages.
void add_pools(std::vector<op::Layer>& layers, const op::Tensor& input, int out, int kernel, int stride, int pad) {
  op::Layer layer = pool_layer(input, out, kernel, stride, pad);
  layers.push_back(layer);
  const bool inside = pad == 0 && (out - 1) * stride + kernel <= input.height;
  if (!inside) return;
  layer.kind = op::Kind::avg_pool;
  const auto taps = static_cast<unsigned>(kernel * kernel);
  if (std::has_single_bit(taps)) {
    layer.out.n = {std::countr_zero(taps)};
    for (const auto rule : {fixed::Rounding::clipq, fixed::Rounding::trunc, fixed::Rounding::half_away}) {
      layer.out.rule = rule;
      layers.push_back(layer);
    }
    return;
  }
  layer.exclude_padding = true;
  layers.push_back(std::move(layer));
}

std::vector<op::Layer> pools(const op::Tensor& input, int out) {
  constexpr int kStride = 2;
  std::vector<op::Layer> layers;
  for (const int kernel : {2, 3}) {
    for (const int pad : {0, 1}) {
      const int room = input.height + 2 * pad - kernel;
      const bool fits = room >= 0 && (room / kStride + 1 == out || fixed::ceil_div(room, kStride) + 1 == out);
      const bool begins_inside = (out - 1) * kStride - pad < input.height;
      if (fits && begins_inside) add_pools(layers, input, out, kernel, kStride, pad);
    }
  }
  if (out == 1 && input.height > 3 && input.height <= kLongestWindow)
    add_pools(layers, input, 1, input.height, input.height, 0);
  return layers;
}

}  // namespace

bool is_clipq_pool(const std::filesystem::path& folder) {
  const auto has = [&folder](const char* name) { return std::filesystem::exists(folder / name); };
  return has("In8.hex") && !has("W2.hex") && !has("W8.hex") && !has("Bias32.hex");
}

ClipqPoolSet read_clipq_pool_set(const std::filesystem::path& folder, ClipqPacking packing) {
  const ClipqMapSize size = read_clipq_map_size(folder);
  ClipqPoolSet set{.input = read_clipq_map(folder / "In8.hex", packing, size.size, size.channels), .output = {}};
  const std::filesystem::path out = folder / "Out8.hex";
  if (!std::filesystem::exists(out)) return set;
  set.output = read_clipq_map(out, packing, side_of(out, packing, size.channels), size.channels);
  return set;
}

std::string pool_text(const op::Layer& l) {
  std::string text =
      fmt::format("{} of {}x{}, stride {}, padding {}", l.kind == op::Kind::max_pool ? "maximum" : "average",
                  l.window.kernel_h, l.window.kernel_w, l.window.stride_h, l.window.pad_top);
  if (l.kind == op::Kind::max_pool) return text;
  return text + ", " + std::string(fixed::to_string(l.exclude_padding ? fixed::Rounding::half_away : l.out.rule));
}

std::vector<ClipqPoolFit> fit_pools(const std::filesystem::path& folder, const ClipqPoolSet& set,
                                    ClipqPacking packing) {
  const int size = set.input.height;
  const bool has_output = set.output.data.size() != 0;
  std::vector<op::Layer> layers = pools(set.input, has_output ? set.output.height : std::max(size / 2, 1));
  if (layers.empty()) {
    const std::filesystem::path file = folder / "Out8.hex";
    throw base::InputError(
        file.string(), "",
        fmt::format("no 2x2 or 3x3 pooling at stride 2, nor one of the whole map, makes {0}x{0} of {1}x{1}; a "
                    "convolution needs its W2.hex",
                    set.output.height, size));
  }
  if (!has_output) layers.resize(1);
  std::vector<ClipqPoolFit> fits;
  for (op::Layer& layer : layers) {
    const op::Tensor* const input = &set.input;
    const op::Tensor golden = fast::run_layer(layer, {&input, 1});
    fits.push_back({.layer = std::move(layer),
                    .comparison = compare_clipq_map(folder / "Out8.hex", set.output, packing, golden, "golden")});
  }
  std::ranges::stable_sort(fits, [](const ClipqPoolFit& a, const ClipqPoolFit& b) {
    return std::pair(b.comparison.matched_bits, a.comparison.differ) <
           std::pair(a.comparison.matched_bits, b.comparison.differ);
  });
  return fits;
}

}  // namespace systole::vectors
