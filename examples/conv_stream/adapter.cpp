// SPDX-License-Identifier: Apache-2.0
// A layer as frames: eight filters are loaded, then the map and its padding go by, row by row.
#include "systole/adapter.h"

#include <vector>

#include "Vconv_stream.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task, systole::packed, systole::of_channel;
constexpr int kChannels = 8, kFilters = 8, kMaxWidth = 128, kLatency = 4;

class Conv final : public systole::AdapterOf<Vconv_stream> {
 public:
  explicit Conv(Site site)
      : AdapterOf(site, {&site.top.clk, &site.top.rst, /*reset_active_high=*/true}) {
    y.follow(pixel.moves(), kLatency);
  }

  std::string cannot_run(const Layer& l) const override {
    const auto& w = l.window;
    return systole::unmet({
        {l.kind == systole::op::Kind::conv2d, "does convolutions"},
        {w.kernel_h == 3 && w.kernel_w == 3 && systole::is_dense(w), "does 3x3 with stride 1"},
        {l.in_c <= kChannels, "takes up to 8 input channels"},
        {l.out_w + 2 <= kMaxWidth, "takes up to 128 padded pixels a row"},
        {systole::is_signed(l, 8), "takes int8 values"},
        {systole::is_symmetric(l), "takes no zero points"},
        {systole::has_plain_sums(l), "neither aligns nor saturates sums"},
        {systole::is_shifted(l.out, systole::fixed::Rounding::half_up),
         "shifts and rounds half up"},
    });
  }

  Task run(LayerRun& run) override {
    const Layer& l = run.layer();
    const std::vector<QData> frame = frame_of(run);
    const int pixels = l.out_h * l.out_w;
    std::vector<QData> beats(pixels);
    top.width = static_cast<CData>(l.out_w + 2);
    top.y_min = static_cast<CData>(l.out.act_min);
    top.y_max = static_cast<CData>(l.out.act_max);
    for (int oc = 0; oc < l.out_c; oc += kFilters) {
      co_await load.send(filters_of(run, oc));
      bench.fork(send(frame), "the frame");
      co_await y.receive(beats);
      for (int i = 0; i < pixels; ++i) run.channels(oc, i, beats[i], 8, kFilters);
    }
  }

 private:
  Task send(const std::vector<QData>& frame) { co_await pixel.send(frame); }

  static std::vector<QData> frame_of(const LayerRun& run) {
    const Layer& l = run.layer();
    std::vector<QData> frame;
    for (int y = 0; y < l.out_h + 2; ++y) {
      for (int x = 0; x < l.out_w + 2; ++x) {
        const auto value = [&](int c) {
          return run.padded(y - l.window.pad_top, x - l.window.pad_left, c);
        };
        frame.push_back(packed<QData>(8, kChannels, value));
      }
    }
    return frame;
  }

  /// The words of filters oc ..., zeros for those that the layer does not have.
  static std::vector<QData> filters_of(const LayerRun& run, int oc) {
    std::vector<QData> words;
    for (int f = oc; f < oc + kFilters; ++f) {
      for (int tap = 0; tap < 9; ++tap) {
        const auto weight = [&](int c) { return run.weight(f, tap, c); };
        words.push_back(packed<QData>(8, kChannels, weight));
      }
      words.push_back(QData(of_channel(run.layer().out.n, f)) << 32 | IData(run.bias(f)));
    }
    return words;
  }

  systole::Source<QData> load{bench, "load", top.load_valid, top.load};
  systole::Source<QData> pixel{bench, "pixel", top.pixel_valid, top.pixel};
  systole::Sink<QData> y{bench, "y", top.y_valid, top.y};
};

}  // namespace

SYSTOLE_ADAPTER(Conv)
