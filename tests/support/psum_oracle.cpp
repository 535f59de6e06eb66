// SPDX-License-Identifier: Apache-2.0
#include "tests/support/psum_oracle.h"

#include <algorithm>

namespace systole::test {
namespace {

class Walker {
 public:
  Walker(const op::Layer& layer, const op::Tensor& input, int bits)
      : l(layer), input_(input), low_(-(std::int64_t{1} << bits)), high_((std::int64_t{1} << bits) - 1) {
    walk.overflow.resize(static_cast<std::size_t>(layer.out_c), false);
  }

  void output(int oh, int ow, int oc, bool channelwise) {
    oh_ = oh;
    ow_ = ow;
    oc_ = oc;
    std::int64_t acc = 0;
    if (l.kind == op::Kind::depthwise || l.kind == op::Kind::avg_pool) {
      acc = lone_products(oc / (l.out_c / l.in_c), taps());
    } else if (l.kind == op::Kind::fully_connected && channelwise) {
      for (int i = 0; i < l.weights.cols(); ++i) acc = accumulate(acc, lone(product(0, i)));
    } else {
      acc = channelwise ? channels_in_turn() : tiles_in_turn();
    }
    if (l.bias.size() != 0) accumulate(acc, l.bias(oc));
  }

  PsumWalk walk;

 private:
  int taps() const { return l.window.kernel_h * l.window.kernel_w; }
  int depth() const { return static_cast<int>(l.weights.cols()) / taps(); }
  int shift(int channel) const {
    return l.align.empty() ? 0 : l.align[static_cast<std::size_t>(channel / l.tile_channels)];
  }

  std::int64_t clamped(std::int64_t sum) {
    const std::int64_t result = std::min(std::max(sum, low_), high_);
    if (result != sum) walk.overflow[static_cast<std::size_t>(oc_)] = true;
    return result;
  }

  std::int64_t accumulate(std::int64_t sum, std::int64_t addend) {
    walk.sums.push_back(clamped(sum + addend));
    return walk.sums.back();
  }

  std::int64_t lone(std::int64_t product) {
    walk.products.push_back(clamped(product));
    return walk.products.back();
  }

  std::int64_t value(int tap, int channel) const {
    if (l.kind == op::Kind::fully_connected) return input_.data.data()[channel] - l.zero_in;
    const int y = oh_ * l.window.stride_h - l.window.pad_top + tap / l.window.kernel_w * l.window.dilation_h;
    const int x = ow_ * l.window.stride_w - l.window.pad_left + tap % l.window.kernel_w * l.window.dilation_w;
    const bool inside = y >= 0 && y < l.in_h && x >= 0 && x < l.in_w;
    return inside ? input_.at(y, x, channel) - l.zero_in : 0;
  }

  std::int64_t level(int column) const {
    if (l.kind == op::Kind::avg_pool) return 1;
    const std::int32_t weight = l.weights(oc_, column);
    return (l.codebook.empty() ? weight : l.codebook[static_cast<std::size_t>(weight)]) - l.zero_wgt;
  }

  std::int64_t product(int tap, int channel) const { return value(tap, channel) * level(tap * depth() + channel); }

  std::int64_t lone_products(int channel, int count) {
    std::int64_t acc = 0;
    for (int tap = 0; tap < count; ++tap) {
      acc = accumulate(acc, lone(value(tap, channel) * level(tap)) >> shift(channel));
    }
    return acc;
  }

  std::int64_t channels_in_turn() {
    std::int64_t acc = 0;
    for (int channel = 0; channel < depth(); ++channel) {
      std::int64_t sum = 0;
      for (int tap = 0; tap < taps(); ++tap) sum = accumulate(sum, product(tap, channel));
      acc = accumulate(acc, sum);
    }
    return acc;
  }

  std::int64_t tiles_in_turn() {
    std::int64_t acc = 0;
    for (int first = 0; first < depth(); first += l.tile_channels) {
      for (int tap = 0; tap < taps(); ++tap) {
        std::int64_t sum = 0;
        for (int channel = first; channel < std::min(depth(), first + l.tile_channels); ++channel) {
          sum = accumulate(sum, product(tap, channel));
        }
        acc = accumulate(acc, sum >> shift(first));
      }
    }
    return acc;
  }

  const op::Layer& l;
  const op::Tensor& input_;
  std::int64_t low_, high_;
  int oh_ = 0, ow_ = 0, oc_ = 0;
};

}  // namespace

PsumWalk psum_oracle(const op::Layer& layer, const op::Tensor& input, bool channelwise, int bits) {
  Walker walker(layer, input, bits);
  for (int oh = 0; oh < layer.out_h; ++oh) {
    for (int ow = 0; ow < layer.out_w; ++ow) {
      for (int oc = 0; oc < layer.out_c; ++oc) walker.output(oh, ow, oc, channelwise);
    }
  }
  return walker.walk;
}

}  // namespace systole::test
