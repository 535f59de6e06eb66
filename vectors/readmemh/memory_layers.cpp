// SPDX-License-Identifier: Apache-2.0
#include "vectors/readmemh/memory_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "accel/lower/encoding.h"
#include "accel/lower/tiler.h"
#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/op/validate.h"
#include "vectors/set/hex_text.h"

namespace systole::vectors {
namespace {

using base::as_size;

constexpr std::int64_t kMaxElements = std::int64_t{1} << 26;  // of one tensor
constexpr int kCodes = 4;

std::vector<const op::Tensor*> pointers(const std::vector<op::Tensor>& tensors) {
  std::vector<const op::Tensor*> result;
  result.reserve(tensors.size());
  for (const op::Tensor& tensor : tensors) result.push_back(&tensor);
  return result;
}

/// One stream, read front to back.
class StreamReader {
 public:
  StreamReader(const std::filesystem::path& folder, std::string_view name, const base::Beats& beats)
      : file_((folder / name).string()), beats_(beats) {}

  /// The next `count` beats; throws where the file ends before.
  std::size_t take(std::size_t count, std::string_view what) {
    if (count > beats_.size() - next_) {
      fail(beats_.size(), fmt::format("expected {} words of {} from line {} on, found {}", count, what,
                                      line_of_word(file_, next_), beats_.size() - next_));
    }
    return std::exchange(next_, next_ + count);
  }
  [[nodiscard]] const std::uint32_t* beat(std::size_t i) const { return beats_[i]; }
  [[nodiscard]] bool done() const { return next_ == beats_.size(); }
  [[nodiscard]] std::size_t position() const { return next_; }
  [[nodiscard]] std::size_t size() const { return beats_.size(); }

  [[noreturn]] void fail(std::size_t word, std::string_view problem) const {
    throw base::InputError(file_, fmt::format("line {}", line_of_word(file_, word)), problem);
  }
  void require_end() const {
    if (!done())
      fail(next_, fmt::format("expected the end of the file behind the last command, found {} more words",
                              beats_.size() - next_));
  }
  /// Throws for the first word that is not the one of `other`.
  void require_same(std::size_t first, const base::Beats& other, std::size_t other_first, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (!std::equal(beat(first + i), beat(first + i) + beats_.words_per_beat(), other[other_first + i])) {
        fail(first + i, "expected 0 in bits that no field has, and unused rows and columns as the tiler fills them");
      }
    }
  }

 private:
  std::string file_;
  const base::Beats& beats_;
  std::size_t next_ = 0;
};

class Decoder {
 public:
  Decoder(const std::filesystem::path& folder, const MemorySet& set)
      : g_(set.geometry),
        cfg_(folder, "cfg.hex", set.cfg),
        wgt_(folder, "wgt.hex", set.wgt),
        act_(folder, "act.hex", set.act),
        out_(folder, "out.hex", set.out) {}

  std::vector<MemoryLayer> decode(const std::function<void(std::size_t, std::size_t)>& progress) {
    while (!cfg_.done()) {
      command();
      ++command_;
      if (progress) progress(cfg_.position(), cfg_.size());
    }
    wgt_.require_end();
    act_.require_end();
    out_.require_end();
    return std::move(layers_);
  }

 private:
  void command() {
    const std::size_t first = cfg_.take(lower::kHeaderBeats, "a header");
    header_words(first);
    check_header(first);
    if (h_.codebook) read_codebook();
    for (int tile = 0; tile < h_.oc_tiles; ++tile) oc_tile(tile, first);
  }

  void header_words(std::size_t first) {
    std::uint32_t words[lower::kHeaderBeats * lower::kCfgBits / 32];
    for (std::size_t i = 0; i < lower::kHeaderBeats; ++i)
      std::copy_n(cfg_.beat(first + i), lower::kCfgBits / 32, words + i * (lower::kCfgBits / 32));
    h_ = lower::unpack_header(words);
    std::uint32_t again[lower::kHeaderBeats * lower::kCfgBits / 32];
    lower::pack(h_, again);
    for (std::size_t i = 0; i < std::size(words); ++i) {
      if (words[i] != again[i])
        cfg_.fail(first + i / (lower::kCfgBits / 32), "expected 0 in the bits that no field has");
    }
  }

  void check_header(std::size_t first) const {
    const auto require = [&](bool ok, const char* what) {
      if (!ok) cfg_.fail(first, fmt::format("expected {}", what));
    };
    require(std::min({h_.in_h, h_.in_w, h_.out_h, h_.out_w, h_.ic_tiles, h_.oc_tiles}) >= 1, "sizes of at least 1");
    require(std::min({h_.kernel_h, h_.kernel_w, h_.stride_h, h_.stride_w, h_.dilation_h, h_.dilation_w}) >= 1,
            "a window of at least 1");
    require(h_.rule < fixed::kRoundingCount, "a rounding rule of docs/numerics.md");
    require(h_.psum_bits < g_.psum_width, "psum_bits below the psum's width");
    const bool adds = h_.accumulate == accel::Accumulate::add2;
    require(!adds || (h_.ic_tiles == 2 && h_.taps() == 1), "two ic tiles of one tap in a residual add");
    require(h_.accumulate != accel::Accumulate::max || h_.ic_tiles == 1, "one ic tile in a maximum");
    require(h_.accumulate == accel::Accumulate::add || !h_.codebook, "no codebook in a maximum or an add");
    require(std::int64_t{h_.in_pixels()} * h_.ic_tiles * g_.rows <= kMaxElements, "activations of at most 2^26 values");
  }

  void read_codebook() {
    const std::size_t beat = wgt_.take(1, "a codebook");
    codebook_.clear();
    for (int code = 0; code < kCodes; ++code)
      codebook_.push_back(element(wgt_.beat(beat), code, g_.wgt_width, h_.wgt_signed));
  }

  static std::int32_t element(const std::uint32_t* beat, int place, int width, bool is_signed) {
    if (is_signed) return base::get_signed_field(beat, place * width, width);
    return static_cast<std::int32_t>(base::get_field(beat, place * width, width));
  }

  /// Everything of one oc tile: its layer, made, checked against the streams and remembered.
  void oc_tile(int tile, std::size_t header_word) {
    const std::size_t channel = cfg_.take(as_size(g_.cols), "channel entries");
    const std::size_t passes = as_size(h_.ic_tiles) * as_size(h_.taps());
    const std::size_t weights = wgt_.take(passes * as_size(g_.rows), "weights");
    const std::size_t pixels = act_.take(as_size(h_.ic_tiles) * as_size(h_.in_pixels()), "activations");
    const std::size_t outputs = out_.take(as_size(h_.out_pixels()), "outputs");
    const bool dense = h_.accumulate == accel::Accumulate::add;
    lanes_ = dense ? g_.cols : identity_lanes(weights);
    MemoryLayer result{.layer = base_layer(),
                       .inputs = {},
                       .expected = {},
                       .command = command_,
                       .oc_tile = tile,
                       .first_out = outputs};
    result.layer.name = fmt::format("command{}_otile{}", command_, tile);
    read_channels(channel, result.layer);
    if (dense) read_weights(weights, result.layer);
    if (h_.accumulate == accel::Accumulate::max) result.layer.align = {alignment(weights, 0)};
    const int maps = dense ? 1 : h_.ic_tiles;
    for (int i = 0; i < maps; ++i) {
      result.inputs.push_back(read_map(pixels + as_size(i) * as_size(h_.in_pixels()), result.layer.in_c));
    }
    result.expected = read_outputs(outputs, tile);
    require_streams(result, header_word, channel, weights, pixels);
    layers_.push_back(std::move(result));
  }

  [[nodiscard]] op::Layer base_layer() const {
    op::Layer l;
    const bool dense = h_.accumulate == accel::Accumulate::add;
    l.kind = dense ? op::Kind::conv2d : h_.accumulate == accel::Accumulate::max ? op::Kind::max_pool : op::Kind::add;
    l.in_h = h_.in_h;
    l.in_w = h_.in_w;
    l.in_c = dense ? h_.ic_tiles * g_.rows : lanes_;
    l.out_h = h_.out_h;
    l.out_w = h_.out_w;
    l.out_c = lanes_;
    l.window = {h_.kernel_h,   h_.kernel_w,   h_.stride_h, h_.stride_w,
                h_.dilation_h, h_.dilation_w, h_.pad_top,  h_.pad_left};
    l.act_signed = h_.act_signed;
    l.act_bits = g_.act_width;
    l.wgt_signed = h_.wgt_signed;
    l.wgt_bits = h_.codebook ? 2 : g_.wgt_width;
    if (h_.codebook) l.codebook = codebook_;
    l.zero_in = h_.accumulate == accel::Accumulate::add2 ? 0 : h_.zero_in;
    l.zero_wgt = h_.zero_wgt;
    l.psum_width = g_.psum_width;
    l.saturate = true;
    l.psum_bits = h_.psum_bits;
    l.tile_channels = g_.rows;
    l.add_a = {h_.zero_in, h_.m_a, h_.lshift_a, h_.n_a};
    l.add_b = {h_.zero_b, h_.m_b, h_.lshift_b, h_.n_b};
    l.out.raw = h_.raw;
    l.out.rule = static_cast<fixed::Rounding>(h_.rule);
    l.out.multiply = h_.multiply;
    l.out.zero_out = h_.zero_out;
    l.out.act_min = h_.act_min;
    l.out.act_max = h_.act_max;
    return l;
  }

  void read_channels(std::size_t first, op::Layer& l) const {
    l.bias.resize(lanes_);
    l.out.m0.clear();
    l.out.lshift.clear();
    l.out.n.clear();
    for (int col = 0; col < lanes_; ++col) {
      const accel::ChannelEntry entry = lower::unpack_channel(cfg_.beat(first + as_size(col)));
      l.bias(col) = entry.bias;
      l.out.m0.push_back(entry.m0);
      l.out.lshift.push_back(entry.lshift);
      l.out.n.push_back(entry.n);
    }
  }

  /// Where the weight row of a pass and array row stands.
  [[nodiscard]] std::size_t weight_row(std::size_t first, int pass, int row) const {
    return first + as_size(pass) * as_size(g_.rows) + as_size(row);
  }

  /// Alignment shift of an ic tile; its passes all have this one, or the tiler does not make them.
  [[nodiscard]] int alignment(std::size_t first, int ic_tile) const {
    const std::uint32_t* beat = wgt_.beat(weight_row(first, ic_tile * h_.taps(), 0));
    return static_cast<int>(base::get_field(beat, g_.cols * g_.wgt_width, lower::kAlignBits));
  }

  void read_weights(std::size_t first, op::Layer& l) const {
    l.weights.resize(g_.cols, Eigen::Index{h_.taps()} * l.in_c);
    for (int ic_tile = 0; ic_tile < h_.ic_tiles; ++ic_tile) {
      l.align.push_back(alignment(first, ic_tile));
      for (int tap = 0; tap < h_.taps(); ++tap) {
        for (int row = 0; row < g_.rows; ++row) {
          const std::size_t at = weight_row(first, ic_tile * h_.taps() + tap, row);
          for (int col = 0; col < g_.cols; ++col) {
            const std::int32_t value = element(wgt_.beat(at), col, g_.wgt_width, h_.wgt_signed && !h_.codebook);
            if (h_.codebook && value >= kCodes) wgt_.fail(at, fmt::format("expected codes 0 .. 3, found {}", value));
            l.weights(col, Eigen::Index{tap} * l.in_c + Eigen::Index{ic_tile} * g_.rows + row) = value;
          }
        }
      }
    }
  }

  /// Rows of the first pass that hold a 1; their form is checked with the rest of the streams.
  [[nodiscard]] int identity_lanes(std::size_t first) const {
    int lanes = 0;
    for (int row = 0; row < std::min(g_.rows, g_.cols); ++row) {
      if (element(wgt_.beat(weight_row(first, 0, row)), row, g_.wgt_width, true) == 1) lanes = row + 1;
    }
    if (lanes == 0) wgt_.fail(first, "expected identity weights in a maximum or an add");
    return lanes;
  }

  [[nodiscard]] op::Tensor read_map(std::size_t first, int channels) const {
    op::Tensor map(h_.in_h, h_.in_w, channels);
    for (int c = 0; c < channels; ++c) {
      const std::size_t group = first + as_size(c / g_.rows) * as_size(h_.in_pixels());
      for (int pixel = 0; pixel < h_.in_pixels(); ++pixel) {
        map.data(pixel, c) = element(act_.beat(group + as_size(pixel)), c % g_.rows, g_.act_width, h_.act_signed);
      }
    }
    return map;
  }

  [[nodiscard]] op::Tensor read_outputs(std::size_t first, int tile) const {
    op::Tensor map(h_.out_h, h_.out_w, lanes_);
    for (int pixel = 0; pixel < h_.out_pixels(); ++pixel) {
      const std::uint32_t* beat = out_.beat(first + as_size(pixel));
      for (int col = 0; col < g_.cols; ++col) {
        const std::int32_t value = base::get_signed_field(beat, col * g_.psum_width, g_.psum_width);
        if (col < lanes_) map.data(pixel, col) = value;
        if (col >= lanes_ && value != map.data(pixel, lanes_ - 1)) {
          out_.fail(first + as_size(pixel),
                    fmt::format("expected lane {}, which has no channel, to repeat lane {}", col, lanes_ - 1));
        }
      }
      const bool last = tile + 1 == h_.oc_tiles && pixel + 1 == h_.out_pixels();
      if ((base::get_field(beat, lower::out_bits(g_), 1) != 0) != last) {
        out_.fail(first + as_size(pixel), fmt::format("expected out_last {}", last ? 1 : 0));
      }
    }
    return map;
  }

  /// The tiler makes the same beats of the layer, or the streams hold something that the layer does not say.
  void require_streams(const MemoryLayer& made, std::size_t header_word, std::size_t channel, std::size_t weights,
                       std::size_t pixels) const {
    const std::vector<accel::Command> commands = make_commands(made.layer, header_word);
    const accel::Command& command = commands.front();
    accel::Header header = command.header;
    header.oc_tiles = h_.oc_tiles;
    if (commands.size() != 1 || !(header == h_))
      cfg_.fail(header_word, "expected a header that the accelerator's layers can have");
    cfg_.require_same(channel, command.cfg, lower::kHeaderBeats, as_size(g_.cols));
    wgt_.require_same(weights, command.wgt, h_.codebook ? 1 : 0,
                      as_size(h_.ic_tiles) * as_size(h_.taps()) * as_size(g_.rows));
    const accel::Stimulus stimulus = lower::stimulate(command, made.layer, pointers(made.inputs));
    act_.require_same(pixels, stimulus.act, 0, as_size(h_.ic_tiles) * as_size(h_.in_pixels()));
  }

  [[nodiscard]] std::vector<accel::Command> make_commands(const op::Layer& layer, std::size_t header_word) const {
    try {
      return lower::tile(layer, g_);
    } catch (const base::InputError& error) {
      cfg_.fail(header_word, error.what());
    }
  }

  const accel::Geometry& g_;
  StreamReader cfg_, wgt_, act_, out_;
  accel::Header h_;
  std::vector<std::int32_t> codebook_;
  int lanes_ = 0, command_ = 0;
  std::vector<MemoryLayer> layers_;
};

void append(base::Beats& to, const base::Beats& from, std::size_t skipped) {
  const std::size_t first = to.size();
  to.resize(first + from.size() - skipped);
  for (std::size_t i = skipped; i < from.size(); ++i) {
    std::copy_n(from[i], from.words_per_beat(), to[first + i - skipped]);
  }
}

template <class Element>
void append(std::vector<Element>& to, const std::vector<Element>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Appends an oc tile, as yet a command of its own, to the command that holds those before it.
void append(MemoryCommand& to, const MemoryCommand& part) {
  accel::Command& c = to.command;
  const accel::Command& tile = part.command;
  c.header.oc_tiles += tile.header.oc_tiles;
  append(c.channels, tile.channels);
  append(c.cfg, tile.cfg, lower::kHeaderBeats);
  append(c.wgt, tile.wgt, c.header.codebook ? 1 : 0);
  append(c.weights, tile.weights);
  append(c.align, tile.align);
  for (const int group : tile.group_order) c.group_order.push_back(c.groups + group);
  c.groups += tile.groups;
  append(c.group_input, tile.group_input);
  append(c.group_channels, tile.group_channels);
  c.macs += tile.macs;
  c.can_overflow = c.can_overflow || tile.can_overflow;
  append(to.stimulus.act, part.stimulus.act, 0);
  append(to.stimulus.operands, part.stimulus.operands);
  append(to.expected, part.expected);
}

/// What depends on the number of oc tiles.
void finish(MemoryCommand& whole) {
  accel::Command& c = whole.command;
  const accel::Header& h = c.header;
  lower::pack(h, c.cfg[0]);
  c.lanes = c.geometry.cols;
  c.out_channels = h.oc_tiles * c.lanes;
  whole.output = op::Tensor(h.out_h, h.out_w, c.out_channels);
  const std::int32_t* value = whole.expected.data();
  for (int tile = 0; tile < h.oc_tiles; ++tile) {
    for (int pixel = 0; pixel < h.out_pixels(); ++pixel) {
      for (int col = 0; col < c.lanes; ++col) whole.output.data(pixel, tile * c.lanes + col) = *value++;
    }
  }
}

}  // namespace

std::vector<MemoryCommand> commands_of(const std::vector<MemoryLayer>& layers, const std::vector<op::Tensor>& golden,
                                       const accel::Geometry& geometry) {
  std::vector<MemoryCommand> commands;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const MemoryLayer& layer = layers[i];
    std::vector<accel::Command> parts = lower::tile(layer.layer, geometry);
    if (parts.size() != 1) throw base::InputError(layer.layer.name, "", "the accelerator's memories do not hold it");
    MemoryCommand part;
    part.stimulus = lower::stimulate(parts.front(), layer.layer, pointers(layer.inputs));
    part.expected = lower::expect(parts.front(), layer.layer, golden[i]);
    part.command = std::move(parts.front());
    if (layer.oc_tile > 0) {
      append(commands.back(), part);
    } else {
      commands.push_back(std::move(part));
    }
  }
  for (MemoryCommand& whole : commands) finish(whole);
  return commands;
}

std::vector<MemoryLayer> layers_of(const std::filesystem::path& folder, const MemorySet& set,
                                   const std::function<void(std::size_t, std::size_t)>& progress) {
  return Decoder(folder, set).decode(progress);
}

}  // namespace systole::vectors
