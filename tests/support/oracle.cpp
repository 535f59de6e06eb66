// SPDX-License-Identifier: Apache-2.0
#include "tests/support/oracle.h"

#include <algorithm>

namespace systole::test {
namespace {

__extension__ using Wide = __int128;

constexpr Wide kMin32 = -(Wide{1} << 31);
constexpr Wide kMax32 = (Wide{1} << 31) - 1;

Wide floor_div(Wide x, Wide d) { return x >= 0 ? x / d : -((-x + d - 1) / d); }

Wide power(int s) { return Wide{1} << s; }

/// Section 1, by code.
Wide rounded(Wide x, int rule, int s) {
  const Wide d = power(s);
  const Wide sign = x < 0 ? -1 : 1;
  if (rule == 1) return floor_div(2 * x + d, 2 * d);
  if (rule == 2) return sign * floor_div(2 * sign * x + d, 2 * d);
  if (rule == 4) return floor_div(x, d) + (x < 0 ? 1 : 0);
  if (rule == 5) return x / d;
  return floor_div(x, d);
}

/// Section 4, one layer's accumulator with its clamp and flags.
class Walk {
 public:
  Walk(const op::Layer& layer, OracleResult& result)
      : l(layer),
        result_(result),
        b_(layer.saturate && layer.kind != op::Kind::add ? layer.psum_bits : layer.psum_width - 1) {}

  std::int64_t clamp(Wide x, int oc) {
    const Wide y = std::clamp(x, -power(b_), power(b_) - 1);
    if (y != x) result_.overflow[static_cast<std::size_t>(oc)] = true;
    return static_cast<std::int64_t>(y);
  }

  std::int64_t seen(std::int64_t acc) {
    result_.psum_min = std::min(result_.psum_min, acc);
    result_.psum_max = std::max(result_.psum_max, acc);
    return acc;
  }

  std::int64_t lowest() const { return static_cast<std::int64_t>(-power(b_)); }

  int align(int ic) const { return l.align.empty() ? 0 : l.align[static_cast<std::size_t>(ic / l.tile_channels)]; }

  void write(int oh, int ow, int oc, std::int64_t acc, int taps) {
    const std::int64_t biased = seen(clamp(Wide{acc} + (l.bias.size() > 0 ? l.bias(oc) : 0), oc));
    const op::Requantization& q = l.out;
    const auto pick = [oc](const auto& values) {
      return values[values.size() == 1 ? 0 : static_cast<std::size_t>(oc)];
    };
    std::int64_t y = biased;
    if (l.exclude_padding) {  // TFLite's own formula, not a multiplier
      y = biased < 0 ? -((-biased + taps / 2) / taps) : (biased + taps / 2) / taps;
    } else if (!q.raw) {
      y = oracle_requantize(biased, static_cast<int>(q.rule), q.multiply, pick(q.m0), pick(q.lshift), pick(q.n));
    }
    if (!q.raw) y = std::clamp<std::int64_t>(y + q.zero_out, q.act_min, q.act_max);
    result_.out.at(oh, ow, oc) = static_cast<std::int32_t>(y);
  }

  const op::Layer& l;

 private:
  OracleResult& result_;
  int b_;
};

struct Tap {
  int y, x, index;
  bool inside;
};

std::vector<Tap> taps_of(const op::Layer& l, int oh, int ow) {
  const op::Window& w = l.window;
  std::vector<Tap> taps;
  for (int kh = 0; kh < w.kernel_h; ++kh) {
    for (int kw = 0; kw < w.kernel_w; ++kw) {
      const int y = oh * w.stride_h - w.pad_top + kh * w.dilation_h;
      const int x = ow * w.stride_w - w.pad_left + kw * w.dilation_w;
      taps.push_back({y, x, kh * w.kernel_w + kw, y >= 0 && y < l.in_h && x >= 0 && x < l.in_w});
    }
  }
  return taps;
}

std::int64_t level(const op::Layer& l, Eigen::Index row, Eigen::Index col) {
  const std::int32_t w = l.weights(row, col);
  return (l.codebook.empty() ? w : l.codebook[static_cast<std::size_t>(w)]) - l.zero_wgt;
}

std::int64_t centred(const op::Layer& l, const op::Tensor& a, const Tap& t, int ic) {
  return t.inside ? a.at(t.y, t.x, ic) - l.zero_in : 0;
}

std::int64_t conv_array(Walk& walk, const op::Tensor& a, const std::vector<Tap>& taps, int channels, int oc) {
  const op::Layer& l = walk.l;
  std::int64_t acc = 0;
  for (int tile = 0; tile < channels; tile += l.tile_channels) {
    for (const Tap& t : taps) {
      std::int64_t col = 0;
      for (int ic = tile; ic < std::min(channels, tile + l.tile_channels); ++ic) {
        col = walk.clamp(Wide{col} + Wide{centred(l, a, t, ic)} * level(l, oc, Eigen::Index{t.index} * channels + ic),
                         oc);
      }
      acc = walk.seen(walk.clamp(acc + floor_div(col, power(walk.align(tile))), oc));
    }
  }
  return acc;
}

std::int64_t conv_channelwise(Walk& walk, const op::Tensor& a, const std::vector<Tap>& taps, int channels, int oc) {
  const op::Layer& l = walk.l;
  std::int64_t acc = 0;
  for (int ic = 0; ic < channels; ++ic) {
    std::int64_t sum = 0;
    for (const Tap& t : taps) {
      sum =
          walk.clamp(Wide{sum} + Wide{centred(l, a, t, ic)} * level(l, oc, Eigen::Index{t.index} * channels + ic), oc);
    }
    acc = walk.seen(walk.clamp(Wide{acc} + sum, oc));
  }
  return acc;
}

/// Depthwise, average (weight 1) and max pooling. Taps in the padding add nothing and are no candidates for a maximum.
std::int64_t per_channel(Walk& walk, const op::Tensor& a, const std::vector<Tap>& taps, int oc) {
  const op::Layer& l = walk.l;
  const int ic = oc / (l.out_c / l.in_c);
  const bool is_max = l.kind == op::Kind::max_pool;
  std::int64_t acc = is_max ? walk.lowest() : 0;
  for (const Tap& t : taps) {
    if (!t.inside && !is_max) walk.seen(acc);
    if (!t.inside) continue;
    const std::int64_t weight = l.kind == op::Kind::depthwise ? level(l, oc, t.index) : 1;
    const Wide col = floor_div(walk.clamp(Wide{centred(l, a, t, ic)} * weight, oc), power(walk.align(ic)));
    acc = walk.seen(is_max ? std::max(acc, static_cast<std::int64_t>(col)) : walk.clamp(acc + col, oc));
  }
  return acc;
}

std::int64_t added(Walk& walk, std::int64_t a, std::int64_t b, int oc) {
  const op::Layer& l = walk.l;
  const auto scaled = [&l](std::int64_t x, const op::AddOperand& p) {
    return oracle_requantize(x - p.zero, static_cast<int>(l.out.rule), true, p.m0, p.lshift, p.n);
  };
  const Wide sum = Wide{scaled(a, l.add_a)} + scaled(b, l.add_b);
  const Wide saturated = std::clamp(sum, kMin32, kMax32);
  if (!l.saturate) walk.clamp(sum, oc);  // leaving 32 bits is an overflow to report
  return static_cast<std::int64_t>(saturated);
}

}  // namespace

std::int64_t oracle_requantize(std::int64_t x, int rule, bool multiply, std::int64_t m0, int lshift, int n) {
  const Wide x1 = std::clamp(Wide{x} * power(lshift), kMin32, kMax32);
  if (!multiply) return static_cast<std::int64_t>(rounded(x1, rule, n));
  if (rule != 3) return static_cast<std::int64_t>(rounded(x1 * m0, rule, 31 + n));
  const Wide high = std::min(rounded(x1 * m0, 1, 31), kMax32);
  return static_cast<std::int64_t>(rounded(high, 2, n));
}

OracleResult oracle(const op::Layer& l, const op::Tensor& a, const op::Tensor* b, bool channelwise) {
  OracleResult result{op::Tensor(l.out_h, l.out_w, l.out_c),
                      std::vector<bool>(static_cast<std::size_t>(l.out_c), false)};
  Walk walk(l, result);
  op::Tensor flat(1, 1, static_cast<int>(a.data.size()));  // a fully connected layer's input: one pixel
  std::copy_n(a.data.data(), a.data.size(), flat.data.data());
  for (int oh = 0; oh < l.out_h; ++oh) {
    for (int ow = 0; ow < l.out_w; ++ow) {
      const std::vector<Tap> taps = taps_of(l, oh, ow);
      const auto inside =
          static_cast<int>(std::count_if(taps.begin(), taps.end(), [](const Tap& t) { return t.inside; }));
      for (int oc = 0; oc < l.out_c; ++oc) {
        const bool fully_connected = l.kind == op::Kind::fully_connected;
        const op::Tensor& input = fully_connected ? flat : a;
        std::int64_t acc = 0;
        if (l.kind == op::Kind::add) {
          acc = added(walk, a.at(oh, ow, oc), b->at(oh, ow, oc), oc);
        } else if (l.kind != op::Kind::conv2d && !fully_connected) {
          acc = per_channel(walk, a, taps, oc);
        } else if (channelwise) {
          acc = conv_channelwise(walk, input, fully_connected ? std::vector<Tap>{{0, 0, 0, true}} : taps,
                                 input.channels(), oc);
        } else {
          acc =
              conv_array(walk, input, fully_connected ? std::vector<Tap>{{0, 0, 0, true}} : taps, input.channels(), oc);
        }
        walk.write(oh, ow, oc, acc, inside);
      }
    }
  }
  return result;
}

OracleResult oracle_concat(const op::Layer& l, const std::vector<op::Tensor>& inputs) {
  OracleResult result{op::Tensor(l.out_h, l.out_w, l.out_c),
                      std::vector<bool>(static_cast<std::size_t>(l.out_c), false)};
  Walk walk(l, result);
  int oc = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (int ic = 0; ic < l.concat[i].channels; ++ic, ++oc) {
      for (int oh = 0; oh < l.out_h; ++oh) {
        for (int ow = 0; ow < l.out_w; ++ow) {
          const Wide column = walk.clamp(Wide{inputs[i].at(oh, ow, ic)} - l.concat[i].zero, oc);
          const Wide aligned = floor_div(column, power(l.concat[i].align));
          walk.write(oh, ow, oc, walk.seen(static_cast<std::int64_t>(aligned)), 1);
        }
      }
    }
  }
  return result;
}

}  // namespace systole::test
