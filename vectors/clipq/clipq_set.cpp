// SPDX-License-Identifier: Apache-2.0
#include "vectors/clipq/clipq_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "accel/lower/check_fits.h"
#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/fixed/ceil_div.h"
#include "golden/format/network_folder.h"
#include "golden/op/validate.h"
#include "vectors/set/hex_text.h"

namespace systole::vectors {

namespace fs = std::filesystem;

namespace {

using base::as_size;

constexpr const char *kIn = "In8.hex", *kOut = "Out8.hex", *kBias = "Bias32.hex", *kCodes = "W2.hex",
                     *kLevels = "W8.hex", *kParameters = "param.hex";
constexpr int kWord = 32, kElement = 8, kCode = 2;
constexpr int kPerWord = 4;       // channels of a packed word
constexpr int kPerPlainWord = 9;  // codes of a plain W2 word: the taps of 3x3, or input channels of 1x1
constexpr int kZeroCode = 2;      // of op::Layer
constexpr std::array<int, 4> kPlainCode{1, 2, 0, 3};  // by the code of op::Layer: neg2, neg1, zero, pos
constexpr std::array<int, 4> kLayerCode{2, 0, 1, 3};  // by the plain code: its inverse

using fixed::ceil_div;

/// Where element (row, channel) of a pixel map stands: word, first bit. One table serves writing and reading.
struct Place {
  std::size_t word = 0;
  int lsb = 0;
};

/// Layout of the pixels of one map.
struct MapLayout {
  ClipqPacking packing;
  int pixels, channels;

  [[nodiscard]] int bits() const { return packing == ClipqPacking::plain ? kElement : kWord; }
  [[nodiscard]] std::size_t words() const {
    const int per_pixel = packing == ClipqPacking::plain ? channels : ceil_div(channels, kPerWord);
    return as_size(pixels) * as_size(per_pixel);
  }
  [[nodiscard]] Place at(int pixel, int channel) const {
    if (packing == ClipqPacking::plain) return {as_size(channel) * as_size(pixels) + as_size(pixel), 0};
    return {as_size(pixel) * as_size(ceil_div(channels, kPerWord)) + as_size(channel / kPerWord),
            kElement * (kPerWord - 1 - channel % kPerWord)};
  }
};

/// Layout of the weight codes.
struct CodeLayout {
  ClipqPacking packing;
  int in_channels, out_channels, kernel;

  [[nodiscard]] int taps() const { return kernel * kernel; }
  [[nodiscard]] int bits() const { return packing == ClipqPacking::plain ? kCode * kPerPlainWord : kWord; }
  [[nodiscard]] int plain_words_per_channel() const {
    return kernel == 1 ? ceil_div(in_channels, kPerPlainWord) : in_channels;
  }
  [[nodiscard]] int in_groups() const { return ceil_div(in_channels, kPerWord); }
  [[nodiscard]] std::size_t words() const {
    if (packing == ClipqPacking::plain) return as_size(out_channels) * as_size(plain_words_per_channel());
    return as_size(ceil_div(out_channels, kPerWord)) * as_size(in_groups()) * as_size(taps());
  }
  [[nodiscard]] Place at(int oc, int tap, int ic) const {
    return packing == ClipqPacking::plain ? plain_at(oc, tap, ic) : packed_at(oc, tap, ic);
  }
  [[nodiscard]] int code(int layer_code) const {
    return packing == ClipqPacking::plain ? kPlainCode.at(as_size(layer_code)) : layer_code;
  }
  [[nodiscard]] int layer_code(int code) const {
    return packing == ClipqPacking::plain ? kLayerCode.at(as_size(code)) : code;
  }

 private:
  [[nodiscard]] Place plain_at(int oc, int tap, int ic) const {
    const std::size_t first = as_size(oc) * as_size(plain_words_per_channel());
    if (kernel == 1) return {first + as_size(ic / kPerPlainWord), kCode * (ic % kPerPlainWord)};
    return {first + as_size(ic), kCode * tap};
  }
  [[nodiscard]] Place packed_at(int oc, int tap, int ic) const {
    const std::size_t block = as_size(oc / kPerWord) * as_size(in_groups()) + as_size(ic / kPerWord);
    const int place = oc % kPerWord * kPerWord + ic % kPerWord;  // from the most significant end
    return {block * as_size(taps()) + as_size(tap), kWord - kCode * (place + 1)};
  }
};

// ---- Writing

base::Beats words_of(const MapLayout& layout, const op::Tensor& map) {
  base::Beats words(layout.bits());
  words.resize(layout.words());
  for (int pixel = 0; pixel < layout.pixels; ++pixel) {
    for (int channel = 0; channel < layout.channels; ++channel) {
      const Place place = layout.at(pixel, channel);
      base::set_field(words[place.word], place.lsb, kElement, map.data(pixel, channel));
    }
  }
  return words;
}

base::Beats words_of(const CodeLayout& layout, const op::Matrix& codes) {
  base::Beats words(layout.bits());
  words.resize(layout.words());
  const int channels =
      layout.packing == ClipqPacking::plain ? layout.out_channels : ceil_div(layout.out_channels, kPerWord) * kPerWord;
  const int inputs = layout.packing == ClipqPacking::plain ? layout.in_channels : layout.in_groups() * kPerWord;
  for (int oc = 0; oc < channels; ++oc) {
    for (int tap = 0; tap < layout.taps(); ++tap) {
      for (int ic = 0; ic < inputs; ++ic) {
        const bool used = oc < layout.out_channels && ic < layout.in_channels;
        const int code = used ? codes(oc, Eigen::Index{tap} * layout.in_channels + ic) : kZeroCode;
        const Place place = layout.at(oc, tap, ic);
        base::set_field(words[place.word], place.lsb, kCode, layout.code(code));
      }
    }
  }
  return words;
}

base::Beats words_of(const op::Vector& values) {
  base::Beats words(kWord);
  words.resize(static_cast<std::size_t>(values.size()));
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    base::set_field(words[static_cast<std::size_t>(i)], 0, kWord, values(i));
  }
  return words;
}

/// {pos, neg1, neg2, 0}, most significant byte first: place of each level of op::Layer's codebook.
constexpr std::array<int, 4> kLevelLsb{8, 16, 0, 24};

base::Beats level_word(const std::array<std::int32_t, 4>& codebook) {
  base::Beats words(kWord);
  words.resize(1);
  for (std::size_t code = 0; code < codebook.size(); ++code) {
    base::set_field(words[0], kLevelLsb.at(code), kElement, codebook.at(code));
  }
  return words;
}

base::Beats parameter_words(const ClipqSet& set) {
  op::Vector values(4);
  values << set.size(), set.in_channels(), set.out_channels(), set.kernel;
  return words_of(values);
}

MapLayout map_layout(ClipqPacking packing, const op::Tensor& map) { return {packing, map.pixels(), map.channels()}; }

CodeLayout code_layout(ClipqPacking packing, const ClipqSet& set) {
  return {packing, set.in_channels(), set.out_channels(), set.kernel};
}

std::string map_text(ClipqPacking packing) {
  return packing == ClipqPacking::plain
             ? "int8, one a word, CHW: word (channel * size + row) * size + column"
             : "four int8 channels a word, HWC: word (row * size + column) * ceil(channels / "
               "4) + channel / 4, channel % 4 = 0 in bits [31:24], unused channels 0";
}

std::string code_text(ClipqPacking packing, int kernel) {
  if (packing == ClipqPacking::packed) {
    return "sixteen 2-bit codes a word, order [oc / 4][ic / 4][tap][oc % 4][ic % 4], first code in bits [31:30]; 3 "
           "pos, "
           "2 zero, 1 neg1, 0 neg2; unused channels zero";
  }
  const std::string codes = "; 3 pos, 2 neg1, 1 neg2, 0 zero";
  if (kernel == 1) {
    return "18 bits: nine 2-bit codes of input channels 9 * j + i, i at [2i+1:2i], word oc * ceil(ic / 9) + j, unused "
           "0" +
           codes;
  }
  return "18 bits: nine 2-bit codes, tap t (row major) at [2t+1:2t], word oc * in channels + ic" + codes;
}

void write_files(const ClipqSet& set, ClipqPacking packing, SetWriter& writer) {
  const auto add = [&](const char* name, const std::string& layout, const base::Beats& words) {
    writer.add(name, words.size(), layout, hex_text(words));
  };
  writer.expect_files(6);
  add(kIn, map_text(packing), words_of(map_layout(packing, set.input), set.input));
  add(kOut, map_text(packing), words_of(map_layout(packing, set.output), set.output));
  add(kBias, "int32, one per output channel", words_of(set.bias));
  add(kCodes, code_text(packing, set.kernel), words_of(code_layout(packing, set), set.codes));
  add(kLevels, "int8 levels: pos [31:24], neg1 [23:16], neg2 [15:8], 0 [7:0]", level_word(set.codebook));
  add(kParameters, "map size, input channels, output channels, kernel", parameter_words(set));
}

std::string shape_json(const ClipqSet& set, const op::Layer& layer) {
  const nlohmann::ordered_json json{
      {"size", set.size()},      {"in_channels", set.in_channels()}, {"out_channels", set.out_channels()},
      {"kernel", set.kernel},    {"pad", layer.window.pad_top},      {"rule", fixed::to_string(layer.out.rule)},
      {"shift", layer.out.n[0]}, {"out_min", layer.out.act_min},     {"out_max", layer.out.act_max}};
  return json.dump();
}

std::string readme(const ClipqSet& set, const op::Layer& layer, const Origin& origin, const SetWriter& writer) {
  return fmt::format(
      R"(ClipQ vectors of layer {} of network {}, input {}.

Hexadecimal, one word a line, most significant digit first, two's complement.

{}
The layer is a {}x{} convolution of {} to {} channels on a {} x {} map, stride 1, padding {} with zeros:

  sum(oc, y, x) = Bias32(oc) + sum over ic, kh, kw of In8(ic, y + kh - {}, x + kw - {}) * level(W2(oc, ic, kh * {} + kw))
  Out8 = min({}, max({}, r(sum)))      with r = {} by {} bits

round_shift_clipq(x, s) = floor(x / 2^s) + (x < 0 ? 1 : 0); round_shift_trunc(x, s) rounds toward zero; other rules are in
Systole's docs/numerics.md. manifest.json holds the sizes, the origin and each file's SHA-256.
)",
      origin.layer, origin.network, origin.input, writer.table(), set.kernel, set.kernel, set.in_channels(),
      set.out_channels(), set.size(), set.size(), layer.window.pad_top, layer.window.pad_top, layer.window.pad_left,
      set.kernel, layer.out.act_max, layer.out.act_min, fixed::to_string(layer.out.rule), layer.out.n[0]);
}

// ---- The layer

void require(bool ok, const op::Layer& layer, const char* field, const char* expected) {
  if (!ok) lower::refuse(layer, field, fmt::format("a ClipQ set says {} only", expected));
}

void check_window(const op::Layer& l) {
  const op::Window& w = l.window;
  require(w.kernel_h == w.kernel_w && (w.kernel_h == 1 || w.kernel_h == 3), l, "window.kernel", "3x3 and 1x1");
  require(w.stride_h == 1 && w.stride_w == 1 && w.dilation_h == 1 && w.dilation_w == 1, l, "window.stride",
          "stride and dilation 1");
  require(w.pad_top == w.kernel_h / 2 && w.pad_left == w.kernel_w / 2, l, "window.pad", "kernel / 2");
  require(l.in_h == l.in_w && l.out_h == l.in_h && l.out_w == l.in_w, l, "out_shape", "square maps of one size");
}

void check_layer(const op::Layer& l) {
  require(l.kind == op::Kind::conv2d && l.codebook.size() == 4, l, "weights", "a conv2d with a codebook");
  require(l.codebook[kZeroCode] == 0 && l.zero_wgt == 0, l, "codebook", "levels neg2, neg1, 0, pos of zero point 0");
  require(l.wgt_signed, l, "weights.signed", "signed levels");
  check_window(l);
  require(l.act_signed && l.act_bits == 8 && l.zero_in == 0, l, "activation", "int8 of zero point 0");
  const op::Requantization& q = l.out;
  require(!q.raw && !q.multiply && q.n.size() == 1 && q.lshift == std::vector<int>{0} && q.zero_out == 0, l,
          "requantization", "one rounding shift");
  require(q.act_min >= -128 && q.act_max <= 127, l, "requantization.act_min", "int8 outputs");
}

void check_tensor(const op::Layer& layer, const char* field, const op::Tensor& t, int channels) {
  if (t.height != layer.in_h || t.width != layer.in_w || t.channels() != channels) {
    lower::refuse(layer, field, fmt::format("expected a tensor of {} x {} x {}", layer.in_h, layer.in_w, channels));
  }
  if (t.data.minCoeff() < -128 || t.data.maxCoeff() > 127)
    lower::refuse(layer, field, "expected values in -128 .. 127");
}

// ---- Reading

struct Sizes {
  int size, in_channels, out_channels, kernel;
};

[[noreturn]] void fail(const fs::path& file, std::size_t word, const std::string& problem) {
  throw base::InputError(file.string(), fmt::format("line {}", line_of_word(file, word)), problem);
}

int read_size(const fs::path& file, const base::Beats& words, std::size_t i, int high) {
  const std::uint32_t value = words[i][0];
  if (value < 1 || value > static_cast<std::uint32_t>(high)) {
    fail(file, i, fmt::format("expected a number in 1 .. {}, found {}", high, value));
  }
  return static_cast<int>(value);
}

Sizes read_sizes(const fs::path& folder) {
  const fs::path file = folder / kParameters;
  const base::Beats words = read_hex(file, kWord, 4);
  const Sizes sizes{read_size(file, words, 0, model::kMaxExtent), read_size(file, words, 1, model::kMaxChannels),
                    read_size(file, words, 2, model::kMaxChannels), read_size(file, words, 3, 3)};
  if (sizes.kernel == 2) fail(file, 3, "expected kernel 3 or 1, found 2");
  const std::int64_t most =
      std::max({std::int64_t{sizes.size} * sizes.size * std::max(sizes.in_channels, sizes.out_channels),
                std::int64_t{sizes.in_channels} * sizes.out_channels * sizes.kernel * sizes.kernel});
  if (most > model::kMaxElements) {
    throw base::InputError(file.string(), "",
                           fmt::format("expected tensors of at most {} elements, found {}", model::kMaxElements, most));
  }
  return sizes;
}

/// Words whose unused channels hold another code than that of zero: harmless, since those channels are 0 and not read.
std::string unused_codes(const fs::path& file, const base::Beats& words, const base::Beats& expected) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i][0] == expected[i][0]) continue;
    return fmt::format("{} line {}", file.filename().string(), line_of_word(file, i));
  }
  return {};
}

void read_codes(const fs::path& file, const CodeLayout& layout, ClipqSet& set) {
  const base::Beats words = read_hex(file, layout.bits(), layout.words(), kParameters);
  set.codes.resize(layout.out_channels, Eigen::Index{layout.taps()} * layout.in_channels);
  for (int oc = 0; oc < layout.out_channels; ++oc) {
    for (int tap = 0; tap < layout.taps(); ++tap) {
      for (int ic = 0; ic < layout.in_channels; ++ic) {
        const Place place = layout.at(oc, tap, ic);
        const auto code = static_cast<int>(base::get_field(words[place.word], place.lsb, kCode));
        set.codes(oc, Eigen::Index{tap} * layout.in_channels + ic) = layout.layer_code(code);
      }
    }
  }
  set.unused_codes = unused_codes(file, words, words_of(layout, set.codes));
}

op::Vector read_bias(const fs::path& file, int channels) {
  const base::Beats words = read_hex(file, kWord, as_size(channels), kParameters);
  op::Vector bias(channels);
  for (int oc = 0; oc < channels; ++oc) bias(oc) = base::get_signed_field(words[as_size(oc)], 0, kWord);
  return bias;
}

std::array<std::int32_t, 4> read_levels(const fs::path& file) {
  const base::Beats words = read_hex(file, kWord, 1);
  std::array<std::int32_t, 4> codebook{};
  for (std::size_t code = 0; code < codebook.size(); ++code) {
    codebook.at(code) = base::get_signed_field(words[0], kLevelLsb.at(code), kElement);
  }
  if (codebook[kZeroCode] != 0) fail(file, 0, "expected 00 as the last byte of {pos, neg1, neg2, 0}");
  return codebook;
}

}  // namespace

ClipqSet make_clipq_set(const op::Layer& layer, const op::Tensor& input, const op::Tensor& output) {
  check_layer(layer);
  check_tensor(layer, "input", input, layer.in_c);
  check_tensor(layer, "output", output, layer.out_c);
  ClipqSet set{.input = input,
               .output = output,
               .kernel = layer.window.kernel_h,
               .codebook = {},
               .codes = layer.weights,
               .bias = layer.bias};
  std::ranges::copy(layer.codebook, set.codebook.begin());
  if (set.bias.size() == 0) set.bias = op::Vector::Zero(layer.out_c);
  return set;
}

void write_clipq_set(const ClipqSet& set, ClipqPacking packing, const op::Layer& layer, const Origin& origin,
                     const fs::path& target, SetProgress progress) {
  write_set(
      target,
      [&](SetWriter& writer) {
        write_files(set, packing, writer);
        writer.finish(to_string(packing), origin, shape_json(set, layer), readme(set, layer, origin, writer));
      },
      std::move(progress));
}

ClipqSet read_clipq_set(const fs::path& folder, ClipqPacking packing, bool verify) {
  const Sizes sizes = read_sizes(folder);
  const CodeLayout codes{packing, sizes.in_channels, sizes.out_channels, sizes.kernel};
  ClipqSet set{.input = read_clipq_map(folder / kIn, packing, sizes.size, sizes.in_channels),
               .output = {},
               .kernel = sizes.kernel,
               .codebook = read_levels(folder / kLevels),
               .codes = {},
               .bias = read_bias(folder / kBias, sizes.out_channels)};
  read_codes(folder / kCodes, codes, set);
  if (fs::exists(folder / kOut)) set.output = read_clipq_map(folder / kOut, packing, sizes.size, sizes.out_channels);
  if (verify && fs::exists(folder / kManifestFile)) verify_files(folder, read_manifest(folder, to_string(packing)));
  return set;
}

op::Tensor read_clipq_map(const fs::path& file, ClipqPacking packing, int size, int channels) {
  const MapLayout layout{packing, size * size, channels};
  const base::Beats words = read_hex(file, layout.bits(), layout.words(), kParameters);
  op::Tensor map(size, size, channels);
  for (int pixel = 0; pixel < layout.pixels; ++pixel) {
    for (int channel = 0; channel < channels; ++channel) {
      const Place place = layout.at(pixel, channel);
      map.data(pixel, channel) = base::get_signed_field(words[place.word], place.lsb, kElement);
    }
  }
  const base::Beats again = words_of(layout, map);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i][0] != again[i][0]) fail(file, i, "expected 0 in the unused channels");
  }
  return map;
}

ClipqMapSize read_clipq_map_size(const fs::path& folder) {
  const fs::path file = folder / kParameters;
  const base::Beats words = read_hex(file, kWord, 4);
  const ClipqMapSize found{read_size(file, words, 0, model::kMaxExtent),
                           read_size(file, words, 1, model::kMaxChannels)};
  if (std::int64_t{found.size} * found.size * found.channels > model::kMaxElements) {
    throw base::InputError(file.string(), "",
                           fmt::format("expected a map of at most {} elements", model::kMaxElements));
  }
  return found;
}

}  // namespace systole::vectors
