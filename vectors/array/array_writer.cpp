// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "accel/lower/check_fits.h"
#include "golden/fixed/ceil_div.h"
#include "golden/op/validate.h"

namespace systole::vectors {

namespace {

using Wide = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::int64_t kMaxValues = std::int64_t{1} << 27;
constexpr ArrayField kNarrowPsum{16, true}, kWidePsum{32, true};

/// The narrowest field for all values of low .. high; unsigned where none is negative.
ArrayField field_for(std::int64_t low, std::int64_t high) {
  ArrayField field{1, low < 0};
  while (low < lowest(field) || high > highest(field)) ++field.bits;
  return field;
}

/// The field of value - zero over an element type.
ArrayField difference_field(op::ElementRange element, std::int32_t zero) {
  return field_for(std::int64_t{element.low} - zero, std::int64_t{element.high} - zero);
}

ArrayField weight_field(const op::Layer& layer) {
  if (layer.codebook.empty()) {
    return difference_field(op::element_range(layer.wgt_signed, layer.wgt_bits), layer.zero_wgt);
  }
  return difference_field(op::element_range(layer.wgt_signed, 8), layer.zero_wgt);  // a level's type
}

bool has_relu(const op::Layer& layer) { return !layer.out.raw && layer.out.act_min == layer.out.zero_out; }

/// Pixels of a map that the taps of all outputs lie in, and at least all of the padded input.
int padded_extent(int in, int pad, int out, int kernel, int stride, int dilation) {
  return std::max(in + pad, (out - 1) * stride + (kernel - 1) * dilation + 1);
}

ArrayShape make_shape(const op::Layer& layer, int rows, int cols) {
  ArrayShape shape;
  const bool dense = layer.kind == op::Kind::fully_connected;
  const op::Window window = dense ? op::Window{} : layer.window;
  shape.rows = rows;
  shape.cols = cols;
  shape.ic_tiles = static_cast<int>(fixed::ceil_div(op::tiled_channels(layer), std::int64_t{rows}));
  shape.oc_tiles = fixed::ceil_div(layer.out_c, cols);
  shape.kernel_h = window.kernel_h;
  shape.kernel_w = window.kernel_w;
  shape.stride_h = window.stride_h;
  shape.stride_w = window.stride_w;
  shape.dilation_h = window.dilation_h;
  shape.dilation_w = window.dilation_w;
  shape.out_h = layer.out_h;
  shape.out_w = layer.out_w;
  shape.padded_h = padded_extent(dense ? 1 : layer.in_h, window.pad_top, layer.out_h, window.kernel_h, window.stride_h,
                                 window.dilation_h);
  shape.padded_w = padded_extent(dense ? 1 : layer.in_w, window.pad_left, layer.out_w, window.kernel_w, window.stride_w,
                                 window.dilation_w);
  shape.relu = has_relu(layer);
  shape.activation = difference_field(op::element_range(layer.act_signed, layer.act_bits), layer.zero_in);
  shape.weight = weight_field(layer);
  return shape;
}

void check_layer(const op::Layer& layer) {
  if (layer.kind != op::Kind::conv2d && layer.kind != op::Kind::fully_connected) {
    lower::refuse(layer, "kind", "expected conv2d or fully_connected: an array set holds sums over input channels");
  }
  if (std::ranges::any_of(layer.align, [](int shift) { return shift != 0; })) {
    lower::refuse(layer, "align", "expected no alignment shift: the sums of an array set are plain");
  }
}

void check_input(const op::Layer& layer, const op::Tensor& input) {
  if (input.height != layer.in_h || input.width != layer.in_w || input.channels() != layer.in_c) {
    lower::refuse(layer, "input",
                  fmt::format("tensor of {} x {} x {}, expected {} x {} x {}", input.height, input.width,
                              input.channels(), layer.in_h, layer.in_w, layer.in_c));
  }
  const op::ElementRange range = op::element_range(layer.act_signed, layer.act_bits);
  if (input.data.minCoeff() < range.low || input.data.maxCoeff() > range.high) {
    lower::refuse(layer, "input", fmt::format("expected values in {} .. {}", range.low, range.high));
  }
}

void check_size(const op::Layer& layer, const ArrayShape& s) {
  const std::int64_t lanes = s.rows + s.cols;
  const std::int64_t values =
      std::int64_t{s.ic_tiles} * s.oc_tiles * s.taps() * lanes * std::max(s.padded_pixels(), s.cols);
  if (values > kMaxValues) {
    lower::refuse(layer, "psum", fmt::format("expected a set of at most {} values, found {}", kMaxValues, values));
  }
}

/// Builds the matrices of a set, part by part.
class Builder {
 public:
  Builder(const op::Layer& layer, const op::Tensor& input, ArrayShape shape) : layer_(layer), input_(input) {
    set_.shape = shape;
  }

  ArraySet build() {
    activations();
    weights();
    psums();
    outputs();
    return std::move(set_);
  }

 private:
  [[nodiscard]] bool dense() const { return layer_.kind == op::Kind::fully_connected; }

  /// Every pixel of the padded map, all channels, zero point subtracted.
  [[nodiscard]] op::Matrix padded_map() const {
    const ArrayShape& s = set_.shape;
    op::Matrix map = op::Matrix::Zero(s.padded_pixels(), Eigen::Index{s.ic_tiles} * s.rows);
    if (dense()) {
      map.row(0).head(input_.data.size()) = input_.data.reshaped<Eigen::RowMajor>().array() - layer_.zero_in;
      return map;
    }
    for (int y = 0; y < layer_.in_h; ++y) {
      for (int x = 0; x < layer_.in_w; ++x) {
        const Eigen::Index nij = Eigen::Index{y + layer_.window.pad_top} * s.padded_w + x + layer_.window.pad_left;
        map.row(nij).head(layer_.in_c) = input_.data.row(Eigen::Index{y} * layer_.in_w + x).array() - layer_.zero_in;
      }
    }
    return map;
  }

  void activations() {
    const op::Matrix map = padded_map();
    for (int tile = 0; tile < set_.shape.ic_tiles; ++tile) {
      set_.activation.emplace_back(map.middleCols(Eigen::Index{tile} * set_.shape.rows, set_.shape.rows));
    }
  }

  [[nodiscard]] std::int32_t weight(int oc, std::int64_t column) const {
    const std::int32_t stored = layer_.weights(oc, column);
    const std::int32_t level = layer_.codebook.empty() ? stored : layer_.codebook[static_cast<std::size_t>(stored)];
    return level - layer_.zero_wgt;
  }

  [[nodiscard]] op::Matrix weight_tile(int ic_tile, int oc_tile, int kij) const {
    const ArrayShape& s = set_.shape;
    const std::int64_t channels = op::tiled_channels(layer_);
    op::Matrix tile = op::Matrix::Zero(s.cols, s.rows);
    for (int c = 0; c < std::min(s.cols, layer_.out_c - oc_tile * s.cols); ++c) {
      for (int r = 0; r < s.rows; ++r) {
        const std::int64_t ic = std::int64_t{ic_tile} * s.rows + r;
        if (ic < channels) tile(c, r) = weight(oc_tile * s.cols + c, kij * channels + ic);
      }
    }
    return tile;
  }

  template <class Visit>
  void for_each_pass(Visit&& visit) const {
    for (int i = 0; i < set_.shape.ic_tiles; ++i) {
      for (int o = 0; o < set_.shape.oc_tiles; ++o) {
        for (int k = 0; k < set_.shape.taps(); ++k) visit(i, o, k);
      }
    }
  }

  void weights() {
    std::vector<op::Matrix> tiles;
    for_each_pass([&](int i, int o, int k) { tiles.push_back(weight_tile(i, o, k)); });
    set_.weight = std::move(tiles);
  }

  void psums() {
    std::vector<op::Matrix> tiles;
    for_each_pass([&](int i, int o, int k) {
      const op::Matrix& activation = set_.activation[static_cast<std::size_t>(i)];
      const op::Matrix& tile = set_.weight[set_.shape.index(i, o, k)];
      Wide sums = Wide::Zero(activation.rows(), tile.rows());
      for (Eigen::Index r = 0; r < activation.cols(); ++r) {
        sums += activation.col(r).cast<std::int64_t>() * tile.col(r).cast<std::int64_t>().transpose();
        refuse_clamped(sums);
      }
      tiles.push_back(checked(sums));
    });
    set_.psum = std::move(tiles);
  }

  void outputs() {
    const ArrayShape& s = set_.shape;
    for (int o = 0; o < s.oc_tiles; ++o) {
      Wide sums = Wide::Zero(s.out_pixels(), s.cols);
      for (int i = 0; i < s.ic_tiles; ++i) {
        for (int k = 0; k < s.taps(); ++k) add_psums(set_.psum[s.index(i, o, k)], k, sums);
      }
      const Wide after = s.relu ? sums.cwiseMax(std::int64_t{0}) : sums;
      set_.output.push_back(checked(after));
    }
  }

  /// Adds one pass in the array's order.
  void add_psums(const op::Matrix& psum, int kij, Wide& sums) const {
    for (int o = 0; o < set_.shape.out_pixels(); ++o) {
      sums.row(o) += psum.row(set_.shape.psum_row(o, kij)).cast<std::int64_t>();
    }
    refuse_clamped(sums);
  }

  /// Refuses sums that the layer would clamp.
  void refuse_clamped(const Wide& sums) const {
    if (!layer_.saturate) return;
    const std::int64_t limit = std::int64_t{1} << layer_.psum_bits;
    if (sums.minCoeff() < -limit || sums.maxCoeff() >= limit) {
      lower::refuse(layer_, "psum_bits",
                    fmt::format("a sum of {} .. {} would be clamped at {} bits: the sums of an array set are exact",
                                sums.minCoeff(), sums.maxCoeff(), layer_.psum_bits));
    }
  }

  /// The sums as psums of the set, whose field grows where they need it.
  op::Matrix checked(const Wide& sums) {
    const std::int64_t low = sums.minCoeff();
    const std::int64_t high = sums.maxCoeff();
    const auto fits = [&](ArrayField field) { return low >= lowest(field) && high <= highest(field); };
    if (!fits(kWidePsum)) lower::refuse(layer_, "psum", fmt::format("sums of {} .. {} exceed 32 bits", low, high));
    if (!fits(kNarrowPsum)) set_.shape.psum = kWidePsum;
    return sums.cast<std::int32_t>();
  }

  const op::Layer& layer_;
  const op::Tensor& input_;
  ArraySet set_;
};

std::string text_of(ArrayContent content, const op::Matrix& values, ArrayField field) {
  std::string text = array_header(content, static_cast<int>(values.cols()));
  for (Eigen::Index row = 0; row < values.rows(); ++row) text += array_word(values, row, field) + '\n';
  return text;
}

std::string describe(ArrayField field) {
  return fmt::format("{} bit {}", field.bits, field.is_signed ? "two's complement" : "unsigned");
}

std::string layout(const char* lane, int lanes, ArrayField field) {
  return fmt::format("{0} {1} .. {0} 0 from the left, {2} each, most significant bit first", lane, lanes - 1,
                     describe(field));
}

nlohmann::ordered_json to_json(ArrayField field) { return {{"bits", field.bits}, {"signed", field.is_signed}}; }

std::string shape_json(const ArrayShape& s) {
  const nlohmann::ordered_json json{{"rows", s.rows},
                                    {"cols", s.cols},
                                    {"ic_tiles", s.ic_tiles},
                                    {"oc_tiles", s.oc_tiles},
                                    {"kernel", {s.kernel_h, s.kernel_w}},
                                    {"stride", {s.stride_h, s.stride_w}},
                                    {"dilation", {s.dilation_h, s.dilation_w}},
                                    {"padded", {s.padded_h, s.padded_w}},
                                    {"out", {s.out_h, s.out_w}},
                                    {"relu", s.relu},
                                    {"activation", to_json(s.activation)},
                                    {"weight", to_json(s.weight)},
                                    {"psum", to_json(s.psum)}};
  return json.dump();
}

ArrayField read_field(base::JsonObject object, int highest_bits) {
  const ArrayField field{static_cast<int>(object.integer("bits", 1, highest_bits)), object.boolean("signed")};
  object.finish();
  return field;
}

int read_int(base::JsonObject& object, const char* key, int high) {
  return static_cast<int>(object.integer(key, 1, high));
}

void read_pair(base::JsonObject& object, const char* key, int high, int& vertical, int& horizontal) {
  const auto values = object.integers(key, 2, 2, 1, high);
  vertical = static_cast<int>(values[0]);
  horizontal = static_cast<int>(values[1]);
}

/// Every output's taps lie in the padded map.
void check_map(const base::JsonObject& object, const ArrayShape& s) {
  if (s.psum_row(s.out_pixels() - 1, s.taps() - 1) < s.padded_pixels() &&
      (s.out_w - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w < s.padded_w) {
    return;
  }
  object.fail("padded", fmt::format("expected a map that holds the taps of {} x {} outputs", s.out_h, s.out_w));
}

std::string readme(const ArraySet& set, const Origin& origin) {
  const ArrayShape& s = set.shape;
  return fmt::format(
      R"(Vectors of layer {layer} of network {network}, input {input}, for a plain {rows} x {cols} weight-stationary array.

ASCII '0' and '1', one word a line; lines that start with '#' are headers.

  activation_tileI.txt             {nij} words, one per padded pixel nij = y * {padded_w} + x:
                                   {act}
  weight_itileI_otileO_kijK.txt    {cols} words, word c = output channel {cols} * O + c:
                                   {wgt}
  psum_itileI_otileO_kijK.txt      {nij} words, one per nij: {psum}
  output_otileO.txt                {pixels} words, one per output pixel o: {psum}

I = 0 .. {ic_last} is the tile of input channels {rows} * I + r, O = 0 .. {oc_last} the tile of output channels {cols} * O + c,
K = kh * {kernel_w} + kw = 0 .. {tap_last} the kernel tap. Unused channels are 0. Padding is 0: zero points are already subtracted.

  psum[I][O][K](nij, c) = sum over r of activation[I](nij, r) * weight[I][O][K](c, r)
  output[O](o, c) = {relu}sum over I and K of psum[I][O][K](nij, c){close}
  nij = (o / {out_w} * {stride_h} + K / {kernel_w} * {dilation_h}) * {padded_w} + o % {out_w} * {stride_w} + K % {kernel_w} * {dilation_w}

Divisions are integer ones. Sums are exact, without bias. manifest.json holds the sizes, the origin and each file's SHA-256.
)",
      fmt::arg("layer", origin.layer), fmt::arg("network", origin.network), fmt::arg("input", origin.input),
      fmt::arg("rows", s.rows), fmt::arg("cols", s.cols), fmt::arg("nij", s.padded_pixels()),
      fmt::arg("padded_w", s.padded_w), fmt::arg("act", layout("row", s.rows, s.activation)),
      fmt::arg("wgt", layout("row", s.rows, s.weight)), fmt::arg("psum", layout("column", s.cols, s.psum)),
      fmt::arg("pixels", s.out_pixels()), fmt::arg("ic_last", s.ic_tiles - 1), fmt::arg("oc_last", s.oc_tiles - 1),
      fmt::arg("kernel_w", s.kernel_w), fmt::arg("tap_last", s.taps() - 1), fmt::arg("relu", s.relu ? "max(0, " : ""),
      fmt::arg("close", s.relu ? ")" : ""), fmt::arg("out_w", s.out_w), fmt::arg("stride_h", s.stride_h),
      fmt::arg("stride_w", s.stride_w), fmt::arg("dilation_h", s.dilation_h), fmt::arg("dilation_w", s.dilation_w));
}

void write_files(const ArraySet& set, SetWriter& writer) {
  const ArrayShape& s = set.shape;
  const auto add = [&](const std::string& name, ArrayContent content, const op::Matrix& values, ArrayField field) {
    writer.add(name, static_cast<std::uint64_t>(values.rows()),
               layout(content == ArrayContent::psum ? "column" : "row", static_cast<int>(values.cols()), field),
               text_of(content, values, field));
  };
  writer.expect_files(set.activation.size() + set.weight.size() + set.psum.size() + set.output.size());
  for (int i = 0; i < s.ic_tiles; ++i) {
    add(activation_file(i), ArrayContent::activation, set.activation[static_cast<std::size_t>(i)], s.activation);
    for (int o = 0; o < s.oc_tiles; ++o) {
      for (int k = 0; k < s.taps(); ++k) {
        add(weight_file(i, o, k), ArrayContent::weight, set.weight[s.index(i, o, k)], s.weight);
        add(psum_file(i, o, k), ArrayContent::psum, set.psum[s.index(i, o, k)], s.psum);
      }
    }
  }
  for (int o = 0; o < s.oc_tiles; ++o) {
    add(output_file(o), ArrayContent::psum, set.output[static_cast<std::size_t>(o)], s.psum);
  }
}

}  // namespace

ArraySet make_array_set(const op::Layer& layer, const op::Tensor& input, int rows, int cols) {
  check_layer(layer);
  check_input(layer, input);
  const ArrayShape shape = make_shape(layer, rows, cols);
  check_size(layer, shape);
  return Builder(layer, input, shape).build();
}

void write_array_set(const ArraySet& set, const Origin& origin, const std::filesystem::path& target,
                     SetProgress progress) {
  write_set(
      target,
      [&](SetWriter& writer) {
        write_files(set, writer);
        writer.finish(kArrayFormat, origin, shape_json(set.shape), readme(set, origin));
      },
      std::move(progress));
}

ArrayShape read_array_shape(const std::filesystem::path& folder) {
  constexpr int kMaxTile = 256, kMaxTiles = 1 << 16, kMaxWindow = 15, kMaxExtent = 1 << 13;
  Manifest manifest = read_manifest(folder, kArrayFormat);
  base::JsonObject& object = manifest.shape;
  ArrayShape s;
  s.rows = read_int(object, "rows", kMaxTile);
  s.cols = read_int(object, "cols", kMaxTile);
  s.ic_tiles = read_int(object, "ic_tiles", kMaxTiles);
  s.oc_tiles = read_int(object, "oc_tiles", kMaxTiles);
  read_pair(object, "kernel", kMaxWindow, s.kernel_h, s.kernel_w);
  read_pair(object, "stride", kMaxWindow, s.stride_h, s.stride_w);
  read_pair(object, "dilation", kMaxWindow, s.dilation_h, s.dilation_w);
  read_pair(object, "padded", kMaxExtent, s.padded_h, s.padded_w);
  read_pair(object, "out", kMaxExtent, s.out_h, s.out_w);
  s.relu = object.boolean("relu");
  s.activation = read_field(object.object("activation"), 17);  // 16-bit elements less a zero point
  s.weight = read_field(object.object("weight"), 17);
  s.psum = read_field(object.object("psum"), 32);
  object.finish();
  check_map(object, s);
  return s;
}

}  // namespace systole::vectors
