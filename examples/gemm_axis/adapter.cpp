// SPDX-License-Identifier: Apache-2.0
// A layer as matrix products: a row of A is the window of an output pixel, a column of B the weights of an output
// channel.
#include "systole/adapter.h"

#include <algorithm>
#include <array>
#include <vector>

#include "Vgemm_axis.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task;
constexpr int kN = 8;

class Gemm final : public systole::AdapterOf<Vgemm_axis> {
 public:
  explicit Gemm(Site site) : AdapterOf(site, {.clock = &site.top.aclk, .reset = &site.top.aresetn}) {}

  std::string cannot_run(const Layer& l) const override {
    using systole::op::Kind;
    if (l.kind != Kind::conv2d && l.kind != Kind::fully_connected) return "this design multiplies matrices";
    if (l.out.raw || l.out.rule != systole::fixed::Rounding::double_rounding) return "this design rounds twice";
    if (l.out.lshift != std::vector<int>(l.out.lshift.size(), 0)) return "this design takes multipliers below 1";
    if (l.act_bits != 8 || l.wgt_bits != 8 || !l.act_signed || l.zero_wgt != 0 || !l.codebook.empty() || l.saturate) {
      return "this design takes int8 values, weights without zero point or codebook, and sums that do not saturate";
    }
    return {};
  }

  Task run(LayerRun& run) override {
    const Layer& l = run.layer();
    const int pixels = l.out_h * l.out_w, products = static_cast<int>(l.weights.cols());
    bench.fork(feed(run, true), "stream a");
    bench.fork(feed(run, false), "stream b");
    co_await registers.write(0x004, static_cast<std::uint32_t>(products - 1));
    co_await registers.write(0x00c, static_cast<std::uint32_t>(l.zero_in));
    co_await registers.write(0x010, static_cast<std::uint32_t>(l.out.zero_out));
    co_await registers.write(0x014, static_cast<std::uint32_t>(l.out.act_min));
    co_await registers.write(0x018, static_cast<std::uint32_t>(l.out.act_max));
    for (int oc = 0; oc < l.out_c; oc += kN) {
      const int columns = std::min(kN, l.out_c - oc);
      for (int c = 0; c < columns; ++c) {
        const auto one = [&](const auto& values) {
          return values[values.size() == 1 ? 0 : static_cast<std::size_t>(oc + c)];
        };
        const auto at = static_cast<std::uint16_t>(4 * c);
        co_await registers.write(0x100 + at, l.bias.size() == 0 ? 0U : static_cast<std::uint32_t>(l.bias(oc + c)));
        co_await registers.write(0x200 + at, static_cast<std::uint32_t>(one(l.out.m0)));
        co_await registers.write(0x300 + at, static_cast<std::uint32_t>(one(l.out.n)));
      }
      for (int pixel = 0; pixel < pixels; pixel += kN) {
        const int rows = std::min(kN, pixels - pixel);
        co_await registers.write(0x008, static_cast<std::uint32_t>(rows - 1));
        co_await registers.write(0x000, 1);
        std::array<QData, kN> beats{};
        co_await y.receive({beats.data(), static_cast<std::size_t>(rows)}, true);
        for (int r = 0; r < rows; ++r) {
          for (int c = 0; c < columns; ++c) {
            const auto value = static_cast<std::int8_t>(beats[static_cast<std::size_t>(r)] >> 8 * c);
            run.output(oc + c, (pixel + r) / l.out_w, (pixel + r) % l.out_w, value);
          }
        }
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
    std::vector<QData> beats(static_cast<std::size_t>(products));
    for (int oc = 0; oc < l.out_c; oc += kN) {
      for (int pixel = 0; pixel < pixels; pixel += kN) {
        for (int k = 0; k < products; ++k) {
          QData beat = 0;
          for (int i = 0; i < kN; ++i) {
            const int value = of_a ? activation(run, pixel + i, k) : oc + i < l.out_c ? l.weights(oc + i, k) : 0;
            beat |= QData{static_cast<std::uint8_t>(value)} << 8 * i;
          }
          beats[static_cast<std::size_t>(k)] = beat;
        }
        co_await (of_a ? a : b).send(beats);
      }
    }
  }

  /// Column k of the window of a pixel; the zero point beyond the map.
  static int activation(const LayerRun& run, int pixel, int k) {
    const Layer& l = run.layer();
    if (l.kind == systole::op::Kind::fully_connected) return pixel == 0 ? run.input().data.data()[k] : l.zero_in;
    const systole::op::Window& w = l.window;
    const int ic = k % l.in_c, kw = k / l.in_c % w.kernel_w, kh = k / l.in_c / w.kernel_w;
    const int y = pixel / l.out_w * w.stride_h + kh * w.dilation_h - w.pad_top;
    const int x = pixel % l.out_w * w.stride_w + kw * w.dilation_w - w.pad_left;
    const bool inside = y >= 0 && y < l.in_h && x >= 0 && x < l.in_w;
    return inside ? run.input().at(y, x, ic) : l.zero_in;
  }

  systole::Source<QData> a{bench, "a", top.s_axis_a_tvalid, top.s_axis_a_tready, top.s_axis_a_tdata};
  systole::Source<QData> b{bench, "b", top.s_axis_b_tvalid, top.s_axis_b_tready, top.s_axis_b_tdata};
  systole::Sink<QData> y{bench, "y", top.m_axis_y_tvalid, top.m_axis_y_tready, top.m_axis_y_tdata, &top.m_axis_y_tlast};
  systole::AxiLiteMaster<SData> registers{
      bench,
      "registers",
      {top.s_axil_awvalid, top.s_axil_awready, top.s_axil_awaddr, top.s_axil_wvalid, top.s_axil_wready,
       top.s_axil_wdata, top.s_axil_bvalid, top.s_axil_bready, top.s_axil_bresp, top.s_axil_arvalid, top.s_axil_arready,
       top.s_axil_araddr, top.s_axil_rvalid, top.s_axil_rready, top.s_axil_rdata, top.s_axil_rresp}};
};

}  // namespace

SYSTOLE_ADAPTER(Gemm)
