// SPDX-License-Identifier: Apache-2.0
// A layer as instruction words: for each eight output channels, eight input channels and tap, eight
// weights are loaded and the pixels that the tap needs stream through the array.
#include "systole/adapter.h"

#include "Vcorelet.h"

namespace {

using namespace systole;

constexpr int kN = 8, kPixels = 2040, kOutputs = 1024, kAhead = 32;

// The fields of an instruction.
constexpr QData kLoad = 1U << 12, kExecute = 1U << 13, kFirst = 1U << 25, kRelu = 1U << 27;
QData write(int address, IData word) { return 1U << 11 | QData{word} << 28 | IData(address); }
QData add(int address) { return 1U << 24 | IData(address) << 14; }
QData show(int address) { return 1U << 26 | IData(address) << 14; }

class CoreletAdapter final : public AdapterOf<Vcorelet> {
 public:
  explicit CoreletAdapter(Site site)  // guessed
      : AdapterOf(site,
                  {.clock = &site.top.clk, .reset = &site.top.reset, .reset_active_high = true}) {}

  /// Why the design cannot run the layer ("kernel 5x5, this design does 3x3"), or empty.
  std::string cannot_run(const Layer& layer) const override {
    const auto& l = layer;
    const int height = l.out_h + l.window.kernel_h - 1, width = l.out_w + l.window.kernel_w - 1;
    const bool acts = !l.act_signed && l.act_bits == 4 && l.zero_in == 0;
    const bool weights = l.wgt_signed && l.wgt_bits == 4 && l.zero_wgt == 0 && l.codebook.empty();
    const auto most = 15 * l.weights.cwiseAbs().rowwise().sum().lpNorm<Eigen::Infinity>();
    const bool sums = l.saturate ? l.psum_bits == 15 && l.tile_channels == kN : most < 1 << 15;
    return unmet({
        is_conv2d(layer),
        is_dense(layer),
        {acts, "takes unsigned activations of 4 bits"},
        {weights, "takes signed weights of 4 bits"},
        {sums && std::ranges::count(l.align, 0) == std::ssize(l.align), "adds up in 16 bits"},
        at_most(height * width, kPixels, "padded pixels"),
        at_most(l.out_h * l.out_w, kOutputs, "outputs a channel"),
    });
  }

  /// What is behind the sums but for ReLU is not in the design.
  std::optional<InPart> in_part(const Layer& l) const override {
    Layer part = l;
    part.bias.resize(0);
    part.out = {.rule = fixed::Rounding::floor, .multiply = false, .lshift = {0}};
    part.out.act_min = !l.out.raw && l.out.act_min == l.out.zero_out ? 0 : -32768;
    part.out.act_max = 32767;
    return {{part, "bias and requantization"}};
  }

  /// One layer, from reset: load its weights and run.input(), start the design, and hand each value
  /// over with run.output(oc, oh, ow, value). docs/your-rtl.md has the statements that wait.
  Task run(LayerRun& run) override {
    const Layer& layer = run.layer();
    for (const Tile& tile : run.tiles(kN)) {
      for (int ic = 0; ic < layer.in_c; ic += kN) {
        int at = 0;
        for (const IData word : run.frame<IData>(ic, 4, kN)) co_await inst.send(write(at++, word));
        for (int tap = 0; tap < layer.window.kernel_h * layer.window.kernel_w; ++tap)
          co_await pass(run, tile.oc, ic, tap);
      }
      bench.fork(show_all(layer), "the outputs");
      co_await collect(run, out, tile, 16);
    }
  }

 private:
  /// Every output's product with one tap of eight input channels.
  Task pass(const LayerRun& run, int oc, int ic, int tap) {
    const Layer& l = run.layer();
    for (int c = 0; c < kN; ++c)
      co_await inst.send(write(kPixels + c, run.weights<IData>(oc + c, tap, ic, 4, kN)));
    for (int c = 0; c < kN; ++c) co_await inst.send(kLoad | IData(kPixels + c));
    const int width = run.padded_width();
    const int from = tap / l.window.kernel_w * width + tap % l.window.kernel_w;
    const QData first = ic == 0 && tap == 0 ? kFirst : 0;
    for (int sent = 0, added = 0, all = l.out_h * l.out_w; added < all;) {
      QData word = top.ofifo_valid != 0 ? add(added++) | first : 0;
      if (sent < all && sent - added < kAhead) {
        word |= kExecute | IData(from + sent / l.out_w * width + sent % l.out_w);
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

  // clang-format off
  Sink<VlWide<4>> out{bench, "out", top.out_valid, top.out};  // guessed
  Source<QData> inst{bench, "inst", top.inst, {.beat = {}}};  // guessed, 0 between words
};

}  // namespace

SYSTOLE_ADAPTER(CoreletAdapter)
