// SPDX-License-Identifier: Apache-2.0
// A layer as instruction words: for each eight output channels, eight input channels and tap, eight
// weights are loaded and the pixels that the tap needs stream through the array.
#include "systole/adapter.h"

#include <algorithm>
#include <vector>

#include "Vcorelet.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task, systole::packed;
constexpr int kN = 8, kPixels = 2040, kOutputs = 1024, kAhead = 32;

// The fields of an instruction.
constexpr QData kLoad = 1U << 12, kExecute = 1U << 13, kFirst = 1U << 25, kRelu = 1U << 27;
QData write(int address, IData word) { return 1U << 11 | QData{word} << 28 | IData(address); }
QData add(int address) { return 1U << 24 | IData(address) << 14; }
QData show(int address) { return 1U << 26 | IData(address) << 14; }

class Corelet final : public systole::AdapterOf<Vcorelet> {
 public:
  explicit Corelet(Site site) : AdapterOf(site, {&site.top.clk, &site.top.reset, true}) {}

  std::string cannot_run(const Layer& l) const override {
    const bool acts = !l.act_signed && l.act_bits == 4 && l.zero_in == 0;
    const bool weights = l.wgt_signed && l.wgt_bits == 4 && l.zero_wgt == 0 && l.codebook.empty();
    const auto most = 15 * l.weights.cwiseAbs().rowwise().sum().lpNorm<Eigen::Infinity>();
    const bool sums = l.saturate ? l.psum_bits == 15 && l.tile_channels == kN : most < 1 << 15;
    return systole::unmet({
        {l.kind == systole::op::Kind::conv2d, "does convolutions"},
        {systole::is_dense(l.window), "does stride 1"},
        {acts, "takes unsigned activations of 4 bits"},
        {weights, "takes signed weights of 4 bits"},
        {sums && std::ranges::count(l.align, 0) == std::ssize(l.align), "adds up in 16 bits"},
        {height(l) * width(l) <= kPixels, "takes up to 2040 padded pixels"},
        {l.out_h * l.out_w <= kOutputs, "takes up to 1024 outputs a channel"},
    });
  }

  /// What is behind the sums but for ReLU is not in the design.
  std::optional<systole::InPart> in_part(const Layer& l) const override {
    Layer part = l;
    part.bias.resize(0);
    part.out = {.rule = systole::fixed::Rounding::floor, .multiply = false, .lshift = {0}};
    part.out.act_min = !l.out.raw && l.out.act_min == l.out.zero_out ? 0 : -32768;
    part.out.act_max = 32767;
    return {{part, "bias and requantization"}};
  }

  Task run(LayerRun& run) override {
    const Layer& l = run.layer();
    for (int oc = 0; oc < l.out_c; oc += kN) {
      for (int ic = 0; ic < l.in_c; ic += kN) {
        co_await send_pixels(run, ic);
        for (int tap = 0; tap < l.window.kernel_h * l.window.kernel_w; ++tap) {
          co_await pass(run, oc, ic, tap);
        }
      }
      bench.fork(show_all(l), "the outputs");
      for (int i = 0; i < l.out_h * l.out_w; ++i) {
        const auto& word = co_await out.receive();
        run.channels(oc, i, word, 16, kN);
      }
    }
  }

 private:
  /// Of the map with its padding.
  static int height(const Layer& l) { return l.out_h + l.window.kernel_h - 1; }
  static int width(const Layer& l) { return l.out_w + l.window.kernel_w - 1; }

  Task send_pixels(const LayerRun& run, int ic) {
    const Layer& l = run.layer();
    for (int i = 0; i < height(l) * width(l); ++i) {
      const int y = i / width(l) - l.window.pad_top, x = i % width(l) - l.window.pad_left;
      const auto act = [&](int c) { return run.padded(y, x, ic + c); };
      co_await inst.send(write(i, packed<IData>(4, kN, act)));
    }
  }

  /// Every output's product with one tap of eight input channels.
  Task pass(const LayerRun& run, int oc, int ic, int tap) {
    const Layer& l = run.layer();
    for (int c = 0; c < kN; ++c) {
      const auto weight = [&](int r) { return run.weight(oc + c, tap, ic + r); };
      co_await inst.send(write(kPixels + c, packed<IData>(4, kN, weight)));
    }
    for (int c = 0; c < kN; ++c) co_await inst.send(kLoad | IData(kPixels + c));
    const int from = tap / l.window.kernel_w * width(l) + tap % l.window.kernel_w;
    const QData first = ic == 0 && tap == 0 ? kFirst : 0;
    for (int sent = 0, added = 0, all = l.out_h * l.out_w; added < all;) {
      QData word = top.ofifo_valid != 0 ? add(added++) | first : 0;
      if (sent < all && sent - added < kAhead) {
        word |= kExecute | IData(from + sent / l.out_w * width(l) + sent % l.out_w);
        ++sent;
      }
      co_await inst.send(word);
    }
  }

  Task show_all(const Layer& l) {
    co_await inst.send(QData{0});  // the last sum is on its way
    const QData relu = l.out.act_min == 0 ? kRelu : 0;
    for (int i = 0; i < l.out_h * l.out_w; ++i) co_await inst.send(show(i) | relu);
  }

  systole::Source<QData> inst{bench, "inst", top.inst, {.beat = 0}};
  systole::Sink<VlWide<4>> out{bench, "out", top.out_valid, top.out};
};

}  // namespace

SYSTOLE_ADAPTER(Corelet)
