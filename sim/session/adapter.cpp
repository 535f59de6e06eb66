// SPDX-License-Identifier: Apache-2.0
#include "sim/session/adapter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <new>
#include <system_error>

#include "base/as_size.h"
#include "base/input_error.h"
#include "base/interrupted.h"

namespace systole::session {

using base::as_size;

LayerRun::LayerRun(const op::Layer& layer, std::span<const op::Tensor* const> inputs)
    : layer_(layer),
      inputs_(inputs),
      outputs_(layer.out_h, layer.out_w, layer.out_c),
      came_(as_size(outputs_.data.size())),
      missing_(came_.size()) {}

void LayerRun::refuse(const std::string& what) const { throw base::InputError("adapter", layer_.name, what); }

void LayerRun::require_product(const char* what) const {
  if (!is_product(layer_).met) refuse(fmt::format("{}: expected a conv2d or fully connected layer", what));
}

const op::Tensor& LayerRun::input(std::size_t i) const {
  if (i >= inputs_.size()) refuse(fmt::format("input {}: the layer has {}", i, inputs_.size()));
  return *inputs_[i];
}

std::int32_t LayerRun::padded(int y, int x, int c) const {
  const op::Tensor& map = input();
  const bool inside = y >= 0 && y < map.height && x >= 0 && x < map.width && c >= 0 && c < map.channels();
  return inside ? map.at(y, x, c) : layer_.zero_in;
}

std::int32_t LayerRun::window(int pixel, int k) const {
  require_product("a window");
  if (k < 0 || k >= layer_.weights.cols() || pixel < 0)
    refuse(fmt::format("pixel {} and column {} of {}", pixel, k, layer_.weights.cols()));
  const op::Window& w = layer_.window;
  const int width = layer_.kind == op::Kind::conv2d ? w.kernel_w : layer_.in_w;
  const int ic = k % layer_.in_c, kw = k / layer_.in_c % width, kh = k / layer_.in_c / width;
  const int y = pixel / layer_.out_w * w.stride_h + kh * w.dilation_h - w.pad_top;
  const int x = pixel % layer_.out_w * w.stride_w + kw * w.dilation_w - w.pad_left;
  return padded(y, x, ic);
}

std::int32_t LayerRun::weight(int oc, int tap, int ic, std::int32_t none) const {
  require_product("a weight");
  const int taps = static_cast<int>(layer_.weights.cols()) / layer_.in_c;
  if (oc < 0 || tap < 0 || tap >= taps || ic < 0)
    refuse(fmt::format("weight oc {} tap {} ic {}: the layer has {} taps", oc, tap, ic, taps));
  return oc < layer_.out_c && ic < layer_.in_c ? layer_.weights(oc, tap * layer_.in_c + ic) : none;
}

std::vector<std::uint32_t> LayerRun::biases(int oc, int count) const {
  std::vector<std::uint32_t> words(as_size(count));
  for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(bias(oc++));
  return words;
}

std::vector<Tile> LayerRun::tiles(int channels, int pixels) const {
  if (channels < 1 || pixels < 1) refuse(fmt::format("tiles of {} channels and {} pixels", channels, pixels));
  const int all = layer_.out_h * layer_.out_w;
  std::vector<Tile> tiles;
  for (int oc = 0; oc < layer_.out_c; oc += channels) {
    for (int pixel = 0; pixel < all; pixel += pixels)
      tiles.push_back({oc, std::min(channels, layer_.out_c - oc), pixel, std::min(pixels, all - pixel)});
  }
  return tiles;
}

namespace {
/// How far the windows of `outputs` places reach.
int reach(int outputs, int stride, int kernel, int dilation) {
  return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
}
}  // namespace

int LayerRun::padded_height() const {
  if (layer_.kind == op::Kind::fully_connected) return layer_.in_h;
  const op::Window& w = layer_.window;
  return reach(layer_.out_h, w.stride_h, w.kernel_h, w.dilation_h);
}
int LayerRun::padded_width() const {
  if (layer_.kind == op::Kind::fully_connected) return layer_.in_w;
  const op::Window& w = layer_.window;
  return reach(layer_.out_w, w.stride_w, w.kernel_w, w.dilation_w);
}

void LayerRun::output(int oc, int oh, int ow, std::int32_t value) {
  const auto inside = [](int i, int count) { return i >= 0 && i < count; };
  const auto place = [&] { return fmt::format("output oc {} oh {} ow {}", oc, oh, ow); };
  if (!inside(oc, layer_.out_c) || !inside(oh, layer_.out_h) || !inside(ow, layer_.out_w)) {
    throw base::InputError(
        "adapter", layer_.name,
        fmt::format("{}: the layer has {} channels of {} x {}", place(), layer_.out_c, layer_.out_h, layer_.out_w));
  }
  const std::size_t index = index_of(oc, oh, ow);
  if (came_[index]) throw base::InputError("adapter", layer_.name, place() + " came twice");
  came_[index] = true;
  --missing_;
  outputs_.at(oh, ow, oc) = value;
}

void LayerRun::output(int oc, int oh, int ow, const sequence::Field& value) {
  output(oc, oh, ow, value.value);
  if (on_output_) on_output_(value, oc, oh, ow);
}

std::string LayerRun::first_missing() const {
  const auto index = as_size(std::ranges::find(came_, false) - came_.begin());
  const std::size_t pixel = index / as_size(layer_.out_c);
  return fmt::format("oc {} oh {} ow {}", index % as_size(layer_.out_c), pixel / as_size(layer_.out_w),
                     pixel % as_size(layer_.out_w));
}

namespace {
bool all_zero(const std::vector<int>& values) { return std::ranges::count(values, 0) == std::ssize(values); }
}  // namespace

Need is_conv2d(const op::Layer& layer) { return {layer.kind == op::Kind::conv2d, "does convolutions"}; }
Need is_product(const op::Layer& layer) {
  return {layer.kind == op::Kind::conv2d || layer.kind == op::Kind::fully_connected, "multiplies matrices"};
}
Need is_fully_connected(const op::Layer& layer) {
  return {layer.kind == op::Kind::fully_connected, "does fully connected layers"};
}
Need has_kernel(const op::Layer& layer, std::initializer_list<int> sizes) {
  const op::Window& w = layer.window;
  std::vector<std::string> names;
  for (const int size : sizes) names.push_back(fmt::format("{0}x{0}", size));
  return {w.kernel_h == w.kernel_w && std::ranges::find(sizes, w.kernel_h) != sizes.end(),
          fmt::format("does {}", fmt::join(names, " and "))};
}
Need is_dense(const op::Layer& layer) {
  const op::Window& w = layer.window;
  return {w.stride_h * w.stride_w * w.dilation_h * w.dilation_w == 1, "does stride 1 without dilation"};
}
Need at_most(int value, int most, std::string_view what) {
  return {value <= most, fmt::format("takes up to {} {}", most, what)};
}
Need is_signed(const op::Layer& layer, int bits) {
  return {layer.act_signed && layer.act_bits == bits && layer.wgt_signed && layer.wgt_bits == bits &&
              layer.codebook.empty(),
          fmt::format("takes int{} values", bits)};
}
Need is_symmetric(const op::Layer& layer) {
  return {layer.zero_in == 0 && layer.zero_wgt == 0 && layer.out.zero_out == 0, "takes no zero points"};
}
Need has_plain_sums(const op::Layer& layer) {
  return {!layer.saturate && all_zero(layer.align), "neither aligns nor saturates sums"};
}
Need is_shifted(const op::Layer& layer, fixed::Rounding rule) {
  const op::Requantization& out = layer.out;
  return {!out.raw && !out.multiply && out.rule == rule && all_zero(out.lshift),
          fmt::format("shifts and rounds by {}", to_string(rule))};
}

InPart with_rule(const op::Layer& layer, OwnRule rule) {
  InPart part{.layer = layer, .without = {}, .own = std::move(rule)};
  part.layer.out.raw = true;
  return part;
}

std::string unmet(std::initializer_list<Need> needs) {
  const auto* found = std::ranges::find(needs, false, &Need::met);
  return found == needs.end() ? std::string() : fmt::format("this design {}", found->text);
}

void rethrow_of_adapter(std::string_view place) {
  try {
    throw;
  } catch (const base::InputError&) {
    throw;
  } catch (const base::Interrupted&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::system_error&) {  // of the dump
    throw;
  } catch (const std::exception& error) {
    throw base::InputError("adapter", place, fmt::format("it throws: {}", error.what()));
  } catch (...) {
    throw base::InputError("adapter", place, "it throws what is no std::exception");
  }
}

std::uint64_t Adapter::most_cycles(const op::Layer& layer) const {
  const std::uint64_t outputs = as_size(layer.out_h) * as_size(layer.out_w) * as_size(layer.out_c);
  const std::uint64_t inputs = as_size(layer.in_h) * as_size(layer.in_w) * as_size(layer.in_c);
  const std::uint64_t products = outputs * as_size(layer.weights.cols());
  return 16 * (products + outputs + inputs + as_size(layer.weights.size())) + 10000;
}

}  // namespace systole::session
