// SPDX-License-Identifier: Apache-2.0
// A layer as products: rows of A are the windows of pixels, columns of B the weights of channels.
#include "systole/adapter.h"

#include <algorithm>
#include <vector>

#include "Vgemm_axis.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task, systole::packed, systole::of_channel;
constexpr int kN = 8;

class Gemm final : public systole::AdapterOf<Vgemm_axis> {
 public:
  explicit Gemm(Site site)
      : AdapterOf(site, {.clock = &site.top.aclk, .reset = &site.top.aresetn}) {}

  std::string cannot_run(const Layer& l) const override {
    const bool matrix = l.weights.size() != 0 && l.kind != systole::op::Kind::depthwise;
    const bool below_1 = std::ranges::all_of(l.out.lshift, [](int shift) { return shift == 0; });
    const bool rounds = !l.out.raw && l.out.rule == systole::fixed::Rounding::double_rounding;
    const bool int8 = l.act_bits == 8 && l.wgt_bits == 8 && l.act_signed;
    return systole::unmet({{matrix, "multiplies matrices"},
                           {rounds, "rounds twice"},
                           {below_1, "takes multipliers below 1"},
                           {int8, "takes int8 values"},
                           {l.zero_wgt == 0, "takes weights without zero point"},
                           {l.codebook.empty(), "takes weights without codebook"},
                           {!l.saturate, "does not saturate sums"}});
  }

  Task run(LayerRun& run) override {
    const Layer& l = run.layer();
    const int pixels = l.out_h * l.out_w, products = static_cast<int>(l.weights.cols());
    bench.fork(feed(run, true), "stream a");
    bench.fork(feed(run, false), "stream b");
    co_await registers.write(0x004, IData(products - 1));
    co_await registers.write(0x00c, IData(l.zero_in));
    co_await registers.write(0x010, IData(l.out.zero_out));
    co_await registers.write(0x014, IData(l.out.act_min));
    co_await registers.write(0x018, IData(l.out.act_max));
    for (int oc = 0; oc < l.out_c; oc += kN) {
      const int columns = std::min(kN, l.out_c - oc);
      for (int c = 0; c < columns; ++c) {
        const auto at = static_cast<SData>(4 * c);
        co_await registers.write(0x100 + at, IData(run.bias(oc + c)));
        co_await registers.write(0x200 + at, IData(of_channel(l.out.m0, oc + c)));
        co_await registers.write(0x300 + at, IData(of_channel(l.out.n, oc + c)));
      }
      for (int pixel = 0; pixel < pixels; pixel += kN) {
        const int rows = std::min(kN, pixels - pixel);
        co_await registers.write(0x008, IData(rows - 1));
        co_await registers.write(0x000, 1);
        std::vector<QData> beats(rows);
        co_await y.receive(beats, true);
        for (int r = 0; r < rows; ++r) run.channels(oc, pixel + r, beats[r], 8, kN);
        while (co_await registers.read(0x000) != 0) {
        }
      }
    }
  }

 private:
  /// The beats of A or B for all tiles, in their order.
  Task feed(LayerRun& run, bool of_a) {
    const Layer& l = run.layer();
    const int pixels = l.out_h * l.out_w, products = static_cast<int>(l.weights.cols());
    std::vector<QData> beats(products);
    for (int oc = 0; oc < l.out_c; oc += kN) {
      for (int pixel = 0; pixel < pixels; pixel += kN) {
        for (int k = 0; k < products; ++k) {
          const auto weight = [&](int i) { return oc + i < l.out_c ? l.weights(oc + i, k) : 0; };
          const auto act = [&](int i) { return run.window(pixel + i, k); };
          beats[k] = of_a ? packed<QData>(8, kN, act) : packed<QData>(8, kN, weight);
        }
        co_await (of_a ? a : b).send(beats);
      }
    }
  }

  using Stream = systole::Source<QData>;
  Stream a{bench, "a", top.s_axis_a_tvalid, top.s_axis_a_tready, top.s_axis_a_tdata};
  Stream b{bench, "b", top.s_axis_b_tvalid, top.s_axis_b_tready, top.s_axis_b_tdata};
  systole::Sink<QData> y{bench,
                         "y",
                         top.m_axis_y_tvalid,
                         top.m_axis_y_tready,
                         top.m_axis_y_tdata,
                         &top.m_axis_y_tlast};
  systole::AxiLiteMaster<SData> registers{
      bench,
      "registers",
      {top.s_axil_awvalid, top.s_axil_awready, top.s_axil_awaddr, top.s_axil_wvalid,
       top.s_axil_wready, top.s_axil_wdata, top.s_axil_bvalid, top.s_axil_bready, top.s_axil_bresp,
       top.s_axil_arvalid, top.s_axil_arready, top.s_axil_araddr, top.s_axil_rvalid,
       top.s_axil_rready, top.s_axil_rdata, top.s_axil_rresp}};
};

}  // namespace

SYSTOLE_ADAPTER(Gemm)
