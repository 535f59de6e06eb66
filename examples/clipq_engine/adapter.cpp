// SPDX-License-Identifier: Apache-2.0
// A layer as words of the engine's memories: four channels a word, sixteen weight codes a word.
#include "systole/adapter.h"

#include "Vclipq_engine.h"

namespace {

using namespace systole;

constexpr int kZero = 2;  // the weight code of 0

class Clipq_engineAdapter final : public AdapterOf<Vclipq_engine> {
 public:
  explicit Clipq_engineAdapter(Site site)  // guessed
      : AdapterOf(site, {.clock = &site.top.clk, .reset = &site.top.rst_n}) {}

  /// Why the design cannot run the layer ("kernel 5x5, this design does 3x3"), or empty.
  std::string cannot_run(const Layer& layer) const override {
    const auto& l = layer;
    const auto& w = l.window;
    const auto& out = l.out;
    const bool same = l.out_h == l.in_h && l.out_w == l.in_w;
    const bool padding = w.pad_top == w.kernel_h / 2 && w.pad_left == w.kernel_h / 2 && same;
    const bool codes = !l.codebook.empty() && l.codebook[kZero] == 0 && l.zero_wgt == 0;
    const bool int8 = l.act_signed && l.act_bits == 8 && l.zero_in == 0;
    const bool shift = out.n == std::vector{5} && out.zero_out == 0;
    const bool limits = out.act_max == 127 && (out.act_min == 0 || out.act_min == -128);
    return unmet({
        is_conv2d(layer),
        has_kernel(layer, {1, 3}),
        is_dense(layer),
        {padding, "pads 3x3 by 1 and 1x1 by none"},
        {l.in_h == l.in_w && l.in_h <= 32, "takes square maps of up to 32x32"},
        {l.in_c <= 256 && l.out_c <= 256, "takes up to 256 channels"},
        {codes, "takes 2-bit codes, 2 for zero"},
        {int8, "takes int8 values without zero point"},
        has_plain_sums(layer),
        is_shifted(layer, fixed::Rounding::clipq),
        {shift && limits, "shifts by five bits, with or without ReLU"},
    });
  }

  /// One layer, from reset: load its weights and run.input(), start the design, and hand each value
  /// over with run.output(oc, oh, ow, value). docs/your-rtl.md has the statements that wait.
  Task run(LayerRun& run) override {
    const Layer& layer = run.layer();
    load_parameters(run);
    load_weights(run);
    load_input(run);
    const int words = (layer.out_c + 3) / 4, depth = layer.out_h * layer.out_w * words;
    output_words.clear(depth);
    top.start = 1;
    co_await bench.cycle();
    top.start = 0;
    co_await bench.until([this] { return top.finish != 0; }, "until finish is 1");
    for (int pixel = 0; pixel < layer.out_h * layer.out_w; ++pixel) {
      for (int oc = 0; oc < layer.out_c; ++oc) {
        const auto& word = output_words.at(pixel * words + oc / 4);
        if (!word) continue;  // reported as missing
        run.output(oc, pixel / layer.out_w, pixel % layer.out_w,
                   signed_field(*word, 8, 3 - oc % 4));
      }
    }
  }

 private:
  void load_parameters(const LayerRun& run) {
    const Layer& l = run.layer();
    const int relu = l.out.act_min == 0 ? 0x100 : 0;
    param_words.load(
        {IData(l.in_h), IData(l.in_c), IData(l.out_c), IData(l.window.kernel_h | relu)});
    bias_words.load(run.biases(0, (l.out_c + 3) / 4 * 4));
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
    weight_words.load(words);
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
    input_words.load(words);
  }

  // clang-format off
  Words<sequence::ValueOf<IData>> param_words{std::size_t{1} << 2};  // guessed
  ReadPort<CData, IData> param_read{  // guessed, latency 1
      bench, "param", param_words, &top.param_rd, top.param_addr, top.param_data};
  Words<sequence::ValueOf<IData>> bias_words{std::size_t{1} << 8};  // guessed
  ReadPort<CData, IData> bias_read{  // guessed, latency 1
      bench, "bias", bias_words, &top.bias_rd, top.bias_addr, top.bias_data};
  Words<sequence::ValueOf<IData>> weight_words{std::size_t{1} << 16};  // guessed
  ReadPort<SData, IData> weight_read{  // guessed, latency 1
      bench, "weight", weight_words, &top.weight_rd, top.weight_addr, top.weight_data};
  Words<sequence::ValueOf<IData>> input_words{std::size_t{1} << 16};  // guessed
  ReadPort<SData, IData> input_read{  // guessed, latency 1
      bench, "input", input_words, &top.input_rd, top.input_addr, top.input_data};
  Words<sequence::ValueOf<IData>> output_words{std::size_t{1} << 16};  // guessed
  WritePort<SData, IData> output_write{  // guessed
      bench, "output", output_words, top.output_wr, top.output_addr, top.output_data};
};

}  // namespace

SYSTOLE_ADAPTER(Clipq_engineAdapter)
