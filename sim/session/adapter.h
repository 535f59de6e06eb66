// SPDX-License-Identifier: Apache-2.0
#pragma once
// A design that is driven by a test sequence: what it can run, and how a layer is loaded, started and collected. One
// class in one file is all that a design needs to be checked output by output (docs/your-rtl.md).
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/op/layer.h"
#include "golden/op/tensor.h"
#include "sim/dut/dut.h"
#include "sim/sequence/bench.h"
#include "sim/sequence/port_value.h"

namespace systole::session {

/// Outputs that a design makes together: channels oc .. oc + channels - 1 of output pixels pixel .. pixel + pixels - 1,
/// oh * out_w + ow each.
struct Tile {
  int oc = 0, channels = 0, pixel = 0, pixels = 0;
};

/// One layer on one image, as a sequence sees it.
class LayerRun {
 public:
  LayerRun(const op::Layer& layer, std::span<const op::Tensor* const> inputs);

  [[nodiscard]] const op::Layer& layer() const { return layer_; }
  /// Input i, golden: a fault of the layer before does not spread. Most layers have one. Throws base::InputError where
  /// there is none.
  [[nodiscard]] const op::Tensor& input(std::size_t i = 0) const;
  [[nodiscard]] std::size_t inputs() const { return inputs_.size(); }
  [[nodiscard]] std::span<const op::Tensor* const> all_inputs() const { return inputs_; }
  /// Channel c of the first input's pixel (y, x); the zero point beyond the map and beyond its channels.
  [[nodiscard]] std::int32_t padded(int y, int x, int c) const;

  /// The input that column k of the weights (op::Layer::weights) meets at output pixel `pixel`, oh * out_w + ow, of a
  /// conv2d or fully connected layer; the zero point beyond the map. Throws base::InputError for another layer or
  /// column.
  [[nodiscard]] std::int32_t window(int pixel, int k) const;
  /// Weight of channel oc for tap `tap`, kh * kernel_w + kw, and input channel ic; `none` where the layer has no such
  /// channel, as in the last tile of a design. Throws base::InputError for a layer that is neither conv2d nor fully
  /// connected, and for a tap that it does not have.
  [[nodiscard]] std::int32_t weight(int oc, int tap, int ic, std::int32_t none = 0) const;
  /// Of channel oc; 0 where there is none.
  [[nodiscard]] std::int32_t bias(int oc) const { return oc >= 0 && oc < layer_.bias.size() ? layer_.bias(oc) : 0; }
  /// The same of channels oc .. oc + count - 1.
  [[nodiscard]] std::vector<std::uint32_t> biases(int oc, int count) const;

  /// All outputs, in tiles of at most `channels` channels and `pixels` pixels: the pixels of a group of channels first.
  /// Throws base::InputError for tiles of nothing.
  [[nodiscard]] std::vector<Tile> tiles(int channels, int pixels) const;
  /// The same with all pixels in each.
  [[nodiscard]] std::vector<Tile> tiles(int channels) const { return tiles(channels, layer_.out_h * layer_.out_w); }

  // What a word of a design holds: `count` fields of `bits` bits, the lowest first (sequence::packed).
  /// Channels c .. of the first input's pixel (y, x), as padded().
  template <class Word>
  [[nodiscard]] Word acts(int y, int x, int c, int bits, int count) const {
    return sequence::packed<Word>(bits, count, [&](int i) { return padded(y, x, c + i); });
  }
  /// Input channels ic .. that channel oc weighs at a tap, as weight().
  template <class Word>
  [[nodiscard]] Word weights(int oc, int tap, int ic, int bits, int count) const {
    return sequence::packed<Word>(bits, count, [&](int i) { return weight(oc, tap, ic + i); });
  }
  /// Channels c .. of the first input and the padding around it, row by row; of a conv2d, depthwise or pool layer, rows
  /// and columns at the end that no window reaches are left out.
  template <class Word>
  [[nodiscard]] std::vector<Word> frame(int c, int bits, int count) const {
    std::vector<Word> words;
    for (int y = 0; y < padded_height(); ++y) {
      for (int x = 0; x < padded_width(); ++x)
        words.push_back(acts<Word>(y - layer_.window.pad_top, x - layer_.window.pad_left, c, bits, count));
    }
    return words;
  }
  /// For each column of the weights what it meets at output pixels pixel .., as window().
  template <class Word>
  [[nodiscard]] std::vector<Word> window_columns(int pixel, int bits, int count) const {
    return columns<Word>(bits, count, [&](int k, int i) { return window(pixel + i, k); });
  }
  /// The columns of the weights of channels oc ..; 0 where there is no such channel.
  template <class Word>
  [[nodiscard]] std::vector<Word> weight_columns(int oc, int bits, int count) const {
    return columns<Word>(bits, count,
                         [&](int k, int i) { return oc + i < layer_.out_c ? layer_.weights(oc + i, k) : 0; });
  }

  /// Of the first input and the padding that the layer's windows reach; a fully connected layer's reaches all of it.
  [[nodiscard]] int padded_height() const;
  [[nodiscard]] int padded_width() const;

  /// The design's value of output channel oc at row oh, column ow. Throws base::InputError where the layer has no such
  /// element, and where it came already.
  void output(int oc, int oh, int ow, std::int32_t value);
  /// The same, as a field of the word that showed it, where that was received or is in Words, not a copy of it: only
  /// then a dump has what is expected beside the word.
  void output(int oc, int oh, int ow, const sequence::Field& value);
  /// The `count` fields of `bits` bits in a word, the lowest first, as channels oc, oc + 1 .. of output pixel `pixel`,
  /// oh * out_w + ow; those beyond the layer's channels are left out.
  template <class Word>
  void channels(int oc, int pixel, const Word& word, int bits, int count) {
    for (int i = 0; i < count && oc + i < layer_.out_c; ++i)
      output(oc + i, pixel / layer_.out_w, pixel % layer_.out_w, sequence::signed_field(word, bits, i));
  }

  using OnOutput = std::function<void(const sequence::Field& value, int oc, int oh, int ow)>;
  /// Called with every field that comes.
  void on_output(OnOutput call) { on_output_ = std::move(call); }

  /// Place of an element of the layer among outputs().data.
  [[nodiscard]] std::size_t index_of(int oc, int oh, int ow) const {
    const std::int64_t pixel = std::int64_t{oh} * layer_.out_w + ow;
    return static_cast<std::size_t>(pixel * layer_.out_c + oc);
  }
  /// All that came, 0 where nothing has.
  [[nodiscard]] const op::Tensor& outputs() const { return outputs_; }
  [[nodiscard]] std::size_t missing() const { return missing_; }
  /// The first element that did not come: "oc 0 oh 3 ow 1".
  [[nodiscard]] std::string first_missing() const;

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  void require_product(const char* what) const;

  template <class Word, class Values>
  [[nodiscard]] std::vector<Word> columns(int bits, int count, Values value) const {
    require_product("columns of the weights");
    std::vector<Word> words;
    words.reserve(static_cast<std::size_t>(layer_.weights.cols()));
    for (int k = 0; k < layer_.weights.cols(); ++k)
      words.push_back(sequence::packed<Word>(bits, count, [&](int i) { return value(k, i); }));
    return words;
  }

  const op::Layer& layer_;
  std::span<const op::Tensor* const> inputs_;
  op::Tensor outputs_;
  std::vector<bool> came_;
  std::size_t missing_;
  OnOutput on_output_;
};

/// What is given once a channel or once for all (op::Requantization), of channel oc; `none` beyond the layer's.
template <class Value>
Value of_channel(const std::vector<Value>& values, int oc, Value none = {}) {
  if (values.size() == 1) return values[0];
  return static_cast<std::size_t>(oc) < values.size() ? values[static_cast<std::size_t>(oc)] : none;
}

/// The same of channels oc .. oc + count - 1, as words.
template <class Value>
std::vector<std::uint32_t> of_channels(const std::vector<Value>& values, int oc, int count) {
  std::vector<std::uint32_t> words(static_cast<std::size_t>(count));
  for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(of_channel(values, oc++));
  return words;
}

/// Says itself when a word is there, as pins alone do not.
template <class Stream>
concept Receiver = requires(Stream& stream) {
  typename Stream::Value;
  stream.receive();
};

/// Takes a tile's pixels from a sink, a word each whose fields of `bits` bits are its channels, the lowest first, and
/// hands them over; of a sink of Pins the first one has them. `ends`: the last word comes with last.
template <class Sink>
sequence::Task collect(LayerRun& run, Sink& sink, Tile tile, int bits, bool ends = false) {
  static_assert(Receiver<Sink>, "collect takes a Sink: pins alone do not say when a word is there");
  std::vector<typename Sink::Value> words(static_cast<std::size_t>(tile.pixels));
  co_await sink.receive(words, ends);
  for (int i = 0; i < tile.pixels; ++i)
    run.channels(tile.oc, tile.pixel + i, words[static_cast<std::size_t>(i)], bits, tile.channels);
}

/// Something that a design asks of a layer, and what it does in words that follow "this design".
struct Need {
  bool met;
  std::string text;
};
/// The first of them that is not met, for Adapter::cannot_run: "this design does 3x3 with padding 1"; empty where all
/// are.
[[nodiscard]] std::string unmet(std::initializer_list<Need> needs);

// What designs often ask of a layer.
[[nodiscard]] Need is_conv2d(const op::Layer& layer);
/// Conv2d or fully connected.
[[nodiscard]] Need is_product(const op::Layer& layer);
[[nodiscard]] Need is_fully_connected(const op::Layer& layer);
/// As high as wide, and of one of these sizes.
[[nodiscard]] Need has_kernel(const op::Layer& layer, std::initializer_list<int> sizes);
/// Stride and dilation 1.
[[nodiscard]] Need is_dense(const op::Layer& layer);
/// `value` is at most `most`: "takes up to 8 input channels".
[[nodiscard]] Need at_most(int value, int most, std::string_view what);
/// Activations and weights are signed and of `bits` bits, without codebook.
[[nodiscard]] Need is_signed(const op::Layer& layer, int bits);
/// Input, weights and output are without zero point.
[[nodiscard]] Need is_symmetric(const op::Layer& layer);
/// Sums neither saturate nor are aligned.
[[nodiscard]] Need has_plain_sums(const op::Layer& layer);
/// Outputs are sums shifted right and rounded by `rule`, without multiplier.
[[nodiscard]] Need is_shifted(const op::Layer& layer, fixed::Rounding rule);

/// What a design makes of a sum where none of the golden's rules is its own.
struct OwnRule {
  std::string name;  ///< "shift of 10, rounded half to even"
  /// Of a sum with its bias and its channel.
  std::function<std::int32_t(std::int32_t sum, int oc)> apply;
};

/// What a design computes of a layer whose rest is left to others.
struct InPart {
  op::Layer layer;         ///< computes just that; of the same shape
  std::string without;     ///< what is left: "requantization"
  OwnRule own = {{}, {}};  ///< on the outputs of `layer`, if any
};
/// A layer of which the design computes all, but by its own rule.
[[nodiscard]] InPart with_rule(const op::Layer& layer, OwnRule rule);

/// Written by whoever has the design; made once for a model.
class Adapter {
 public:
  Adapter() = default;
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;
  Adapter(Adapter&&) = delete;
  Adapter& operator=(Adapter&&) = delete;
  virtual ~Adapter() = default;

  /// Why the design cannot run the layer, as half a sentence ("kernel 5x5, this design does 3x3 with padding 1"), or
  /// empty.
  [[nodiscard]] virtual std::string cannot_run(const op::Layer& layer) const = 0;
  /// Of a layer that it can run: what it computes where that is not the whole of it. Outputs are then compared with
  /// what the golden computes of that part.
  [[nodiscard]] virtual std::optional<InPart> in_part(const op::Layer& /*layer*/) const { return std::nullopt; }
  /// The sequence of one layer, started after a reset. `run` lives until it ends.
  virtual sequence::Task run(LayerRun& run) = 0;
  /// Cycles that a layer takes at most, stalls included; a longer run ends as `timeout`. The default allows 16 for each
  /// product and each element, and 10,000 more.
  [[nodiscard]] virtual std::uint64_t most_cycles(const op::Layer& layer) const;
  /// Whether a layer takes the same cycles from whatever reset leaves in registers that it does not clear; the outputs
  /// are the same in any case.
  [[nodiscard]] virtual bool same_cycles() const { return true; }
  /// The clock that the sequence lives on.
  [[nodiscard]] virtual sequence::Bench& clock() = 0;
};

/// In a handler: throws what is handled on as bad input of the adapter at `place`, a layer say; but what is not its
/// own, such as an interrupt, as it is.
[[noreturn]] void rethrow_of_adapter(std::string_view place);

/// A model that comes with its adapter.
class WithAdapter {
 public:
  WithAdapter() = default;
  WithAdapter(const WithAdapter&) = delete;
  WithAdapter& operator=(const WithAdapter&) = delete;
  WithAdapter(WithAdapter&&) = delete;
  WithAdapter& operator=(WithAdapter&&) = delete;
  virtual ~WithAdapter() = default;
  [[nodiscard]] virtual Adapter& adapter() = 0;
};

/// The adapter of a model, or null where its design is lowered to streams (design.h).
inline Adapter* adapter_of(dut::Dut& dut) {
  auto* with = dynamic_cast<WithAdapter*>(&dut);
  return with == nullptr ? nullptr : &with->adapter();
}

}  // namespace systole::session
