// SPDX-License-Identifier: Apache-2.0
// A layer as frames: eight filters are loaded, then the map and its padding go by, row by row.
#include "systole/adapter.h"

#include "Vconv_stream.h"

namespace {

using namespace systole;

class Conv_streamAdapter final : public AdapterOf<Vconv_stream> {
 public:
  explicit Conv_streamAdapter(Site site)  // guessed
      : AdapterOf(site,
                  {.clock = &site.top.clk, .reset = &site.top.rst, .reset_active_high = true}) {}

  /// Why the design cannot run the layer ("kernel 5x5, this design does 3x3"), or empty.
  std::string cannot_run(const Layer& layer) const override {
    return unmet({is_conv2d(layer), has_kernel(layer, {3}), is_dense(layer),
                  at_most(layer.in_c, 8, "input channels"), is_signed(layer, 8),
                  at_most(layer.out_w + 2, 128, "padded pixels a row"), is_symmetric(layer),
                  has_plain_sums(layer), is_shifted(layer, fixed::Rounding::half_up)});
  }

  /// One layer, from reset: load its weights and run.input(), start the design, and hand each value
  /// over with run.output(oc, oh, ow, value). docs/your-rtl.md has the statements that wait.
  Task run(LayerRun& run) override {
    const Layer& layer = run.layer();
    y.follow(pixel.moves(), 4);
    top.width = static_cast<CData>(layer.out_w + 2);
    top.y_min = static_cast<CData>(layer.out.act_min);
    top.y_max = static_cast<CData>(layer.out.act_max);
    for (const Tile& tile : run.tiles(8)) {
      co_await load.send(filters(run, tile.oc));
      bench.fork(pixel.feed(run.frame<QData>(0, 8, 8)), "the frame");
      co_await collect(run, y, tile, 8);
    }
  }

 private:
  /// Nine taps of eight input channels, then shift and bias, for each of eight filters.
  static std::vector<QData> filters(const LayerRun& run, int oc) {
    std::vector<QData> words;
    for (int f = oc; f < oc + 8; ++f) {
      for (int tap = 0; tap < 9; ++tap) words.push_back(run.weights<QData>(f, tap, 0, 8, 8));
      words.push_back(QData(of_channel(run.layer().out.n, f)) << 32 | IData(run.bias(f)));
    }
    return words;
  }

  // clang-format off
  Source<QData> load{bench, "load", top.load_valid, top.load};  // guessed
  Source<QData> pixel{bench, "pixel", top.pixel_valid, top.pixel};  // guessed
  Sink<QData> y{bench, "y", top.y_valid, top.y};  // guessed
};

}  // namespace

SYSTOLE_ADAPTER(Conv_streamAdapter)
