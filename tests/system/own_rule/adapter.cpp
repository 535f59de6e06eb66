// SPDX-License-Identifier: Apache-2.0
// Sums of products by a rule of the design's own, which a function says.
#include "systole/adapter.h"

#include <algorithm>
#include <vector>

#include "Vdot_even.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task;
constexpr int kShift = 10;

std::int32_t half_to_even(std::int32_t sum, int /*oc*/) {
  const std::int32_t floor = sum >> kShift, rest = sum - (floor << kShift), half = 1 << (kShift - 1);
  const bool up = rest > half || (rest == half && floor % 2 != 0);
  return std::clamp(floor + (up ? 1 : 0), -128, 127);
}

class DotEven final : public systole::AdapterOf<Vdot_even> {
 public:
  explicit DotEven(Site site) : AdapterOf(site, {.clock = &site.top.clk_i, .reset = &site.top.rst_ni}) {}

  std::string cannot_run(const Layer& layer) const override {
    return systole::unmet({{layer.weights.size() != 0 && layer.kind != systole::op::Kind::depthwise, "multiplies"},
                           {layer.wgt_bits == 8 && layer.wgt_signed && layer.zero_wgt == 0, "takes int8 weights"}});
  }

  std::optional<systole::InPart> in_part(const Layer& layer) const override {
    return systole::with_rule(layer, {"shift of 10, rounded half to even", half_to_even});
  }

  Task run(LayerRun& run) override {
    const Layer& layer = run.layer();
    std::vector<IData> beats(static_cast<std::size_t>(layer.weights.cols()));
    for (int oc = 0; oc < layer.out_c; ++oc) {
      top.bias_i = static_cast<IData>(run.bias(oc));
      for (int pixel = 0; pixel < layer.out_h * layer.out_w; ++pixel) {
        for (int k = 0; k < layer.weights.cols(); ++k) {
          const auto act = static_cast<IData>(run.window(pixel, k) - layer.zero_in) & 0xffffU;
          beats[static_cast<std::size_t>(k)] = act << 8 | (static_cast<IData>(layer.weights(oc, k)) & 0xffU);
        }
        const std::size_t sender = bench.fork(send(beats), "the products");
        run.channels(oc, pixel, co_await out.receive(), 8, 1);
        co_await bench.join(sender);
      }
    }
  }

 private:
  Task send(const std::vector<IData>& beats) { co_await in.send(beats, true); }

  systole::Source<IData> in{bench, "in", top.in_valid_i, top.in_ready_o, top.in_data_i, &top.in_last_i};
  systole::Sink<CData> out{bench, "out", top.out_valid_o, top.out_ready_i, top.out_data_o};
};

}  // namespace

SYSTOLE_ADAPTER(DotEven)
