// SPDX-License-Identifier: Apache-2.0
// A layer as products: rows of A are the windows of pixels, columns of B the weights of channels.
#include "systole/adapter.h"

#include "Vgemm_axis.h"

namespace {

using namespace systole;

constexpr int kN = 8;

class Gemm_axisAdapter final : public AdapterOf<Vgemm_axis> {
 public:
  explicit Gemm_axisAdapter(Site site)  // guessed
      : AdapterOf(site, {.clock = &site.top.aclk, .reset = &site.top.aresetn}) {}

  /// Why the design cannot run the layer ("kernel 5x5, this design does 3x3"), or empty.
  std::string cannot_run(const Layer& layer) const override {
    const auto& out = layer.out;
    const auto below_1 = std::ranges::all_of(out.lshift, [](int shift) { return shift == 0; });
    const bool twice = !out.raw && out.rule == fixed::Rounding::double_rounding;
    return unmet({is_product(layer),
                  {twice, "rounds twice"},
                  {below_1, "takes multipliers below 1"},
                  is_signed(layer, 8),
                  {layer.zero_wgt == 0, "takes weights without zero point"},
                  has_plain_sums(layer)});
  }

  /// One layer, from reset: load its weights and run.input(), start the design, and hand each value
  /// over with run.output(oc, oh, ow, value). docs/your-rtl.md has the statements that wait.
  Task run(LayerRun& run) override {
    const Layer& layer = run.layer();
    const auto& out = layer.out;
    bench.fork(feed_a(run), "stream a");
    bench.fork(feed_b(run), "stream b");
    co_await s_axil.write(0x004, IData(layer.weights.cols() - 1));
    const int scale[] = {layer.zero_in, out.zero_out, out.act_min, out.act_max};
    co_await s_axil.write_words(0x00c, {std::begin(scale), std::end(scale)});
    for (const Tile& tile : run.tiles(kN, kN)) {
      if (tile.pixel == 0) {
        co_await s_axil.write_words(0x100, run.biases(tile.oc, tile.channels));
        co_await s_axil.write_words(0x200, of_channels(out.m0, tile.oc, tile.channels));
        co_await s_axil.write_words(0x300, of_channels(out.n, tile.oc, tile.channels));
      }
      co_await s_axil.write(0x008, IData(tile.pixels - 1));
      co_await s_axil.write(0x000, 1);
      co_await collect(run, y, tile, 8, true);
      co_await s_axil.until(0x000, 0);
    }
  }

 private:
  // The beats of A and B for all tiles, in their order.
  Task feed_a(const LayerRun& run) {
    for (const auto& tile : run.tiles(kN, kN))
      co_await a.send(run.window_columns<QData>(tile.pixel, 8, kN));
  }
  Task feed_b(const LayerRun& run) {
    for (const auto& tile : run.tiles(kN, kN))
      co_await b.send(run.weight_columns<QData>(tile.oc, 8, kN));
  }

  // clang-format off
  Source<QData> a{  // guessed
      bench, "a", top.s_axis_a_tvalid, top.s_axis_a_tready, top.s_axis_a_tdata};
  Source<QData> b{  // guessed
      bench, "b", top.s_axis_b_tvalid, top.s_axis_b_tready, top.s_axis_b_tdata};
  Sink<QData> y{  // guessed
      bench, "y", top.m_axis_y_tvalid, top.m_axis_y_tready, top.m_axis_y_tdata,
      &top.m_axis_y_tlast};
  AxiLiteMaster<SData> s_axil{  // guessed
      bench, "s_axil",
      {top.s_axil_awvalid, top.s_axil_awready, top.s_axil_awaddr, top.s_axil_wvalid,
      top.s_axil_wready, top.s_axil_wdata, top.s_axil_bvalid, top.s_axil_bready, top.s_axil_bresp,
      top.s_axil_arvalid, top.s_axil_arready, top.s_axil_araddr, top.s_axil_rvalid,
      top.s_axil_rready, top.s_axil_rdata, top.s_axil_rresp}};
};

}  // namespace

SYSTOLE_ADAPTER(Gemm_axisAdapter)
