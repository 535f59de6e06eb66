// SPDX-License-Identifier: Apache-2.0
// A layer as words of the engine's memories: four channels a word, sixteen weight codes a word.
#include "systole/adapter.h"

#include <vector>

#include "Vclipq_engine.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task, systole::packed, systole::signed_field;
constexpr int kZero = 2;  // the weight code of 0

class Clipq final : public systole::AdapterOf<Vclipq_engine> {
 public:
  explicit Clipq(Site site) : AdapterOf(site, {.clock = &site.top.clk, .reset = &site.top.rst_n}) {}

  std::string cannot_run(const Layer& l) const override {
    const auto& w = l.window;
    const auto& out = l.out;
    const bool conv = l.kind == systole::op::Kind::conv2d,
               same = l.out_h == l.in_h && l.out_w == l.in_w;
    const bool kernel = w.kernel_h == w.kernel_w && (w.kernel_h == 1 || w.kernel_h == 3);
    const bool padding = w.pad_top == w.kernel_h / 2 && w.pad_left == w.kernel_h / 2 && same;
    const bool codes = !l.codebook.empty() && l.codebook[kZero] == 0 && l.zero_wgt == 0;
    const bool int8 = l.act_signed && l.act_bits == 8 && l.zero_in == 0;
    const bool shift = systole::is_shifted(out, systole::fixed::Rounding::clipq) &&
                       out.n == std::vector{5} && out.zero_out == 0;
    const bool limits = out.act_max == 127 && (out.act_min == 0 || out.act_min == -128);
    return systole::unmet({
        {conv, "does convolutions"},
        {kernel && padding && systole::is_dense(w),
         "does 3x3 with padding 1 and 1x1 without, stride 1"},
        {l.in_h == l.in_w && l.in_h <= 32, "takes square maps of up to 32x32"},
        {l.in_c <= 256 && l.out_c <= 256, "takes up to 256 channels"},
        {codes, "takes 2-bit codes, 2 for zero"},
        {int8, "takes int8 values without zero point"},
        {!l.saturate, "does not saturate sums"},
        {shift && limits, "rounds by round_shift_clipq, five bits, with or without ReLU"},
    });
  }

  Task run(LayerRun& run) override {
    const Layer& l = run.layer();
    load_parameters(run);
    load_weights(run);
    load_input(run);
    const int words = (l.out_c + 3) / 4, depth = l.out_h * l.out_w * words;
    outputs.clear(depth);
    top.start = 1;
    co_await bench.cycle();
    top.start = 0;
    co_await bench.until([this] { return top.finish != 0; }, "until finish is 1");
    for (int pixel = 0; pixel < l.out_h * l.out_w; ++pixel) {
      for (int oc = 0; oc < l.out_c; ++oc) {
        const auto& word = outputs.at(pixel * words + oc / 4);
        if (!word) continue;  // reported as missing
        run.output(oc, pixel / l.out_w, pixel % l.out_w, signed_field(*word, 8, 3 - oc % 4));
      }
    }
  }

 private:
  void load_parameters(const LayerRun& run) {
    const Layer& l = run.layer();
    const int relu = l.out.act_min == 0 ? 0x100 : 0;
    parameters.load(
        {IData(l.in_h), IData(l.in_c), IData(l.out_c), IData(l.window.kernel_h | relu)});
    const int count = (l.out_c + 3) / 4 * 4;
    std::vector<IData> words(count);
    for (int oc = 0; oc < count; ++oc) words[oc] = static_cast<IData>(run.bias(oc));
    biases.load(words);
  }

  void load_weights(const LayerRun& run) {
    const Layer& l = run.layer();
    const std::array levels{0, l.codebook[0], l.codebook[1], l.codebook[3]};
    std::vector<IData> words{packed<IData>(8, 4, [&](int i) { return levels[i]; })};
    for (int oc = 0; oc < l.out_c; oc += 4) {
      for (int ic = 0; ic < l.in_c; ic += 4) {
        for (int tap = 0; tap < l.window.kernel_h * l.window.kernel_w; ++tap) {
          const auto field = [&](int i) {
            return run.weight(oc + (15 - i) / 4, tap, ic + (15 - i) % 4, kZero);
          };
          words.push_back(packed<IData>(2, 16, field));
        }
      }
    }
    weights.load(words);
  }

  void load_input(const LayerRun& run) {
    std::vector<IData> words;
    for (int y = 0; y < run.layer().in_h; ++y) {
      for (int x = 0; x < run.layer().in_w; ++x) {
        for (int c = 0; c < run.layer().in_c; c += 4) {
          words.push_back(packed<IData>(8, 4, [&](int i) { return run.padded(y, x, c + 3 - i); }));
        }
      }
    }
    inputs.load(words);
  }

  using Read8 = systole::ReadPort<CData, IData>;
  using Read16 = systole::ReadPort<SData, IData>;
  using Write16 = systole::WritePort<SData, IData>;
  systole::Words<IData> parameters, weights, biases, inputs, outputs;
  Read8 param{bench, "param", parameters, &top.param_rd, top.param_addr, top.param_data};
  Read16 weight{bench, "weight", weights, &top.weight_rd, top.weight_addr, top.weight_data};
  Read8 bias{bench, "bias", biases, &top.bias_rd, top.bias_addr, top.bias_data};
  Read16 input{bench, "input", inputs, &top.input_rd, top.input_addr, top.input_data};
  Write16 output{bench, "output", outputs, top.output_wr, top.output_addr, top.output_data};
};

}  // namespace

SYSTOLE_ADAPTER(Clipq)
