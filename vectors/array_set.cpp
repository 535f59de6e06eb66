#include "vectors/array_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "golden/model/input_error.h"
#include "golden/model/one_layer.h"
#include "golden/op/op.h"

namespace systole::vectors {
namespace {

constexpr int kMaxSide = 64;     // array rows and columns that are tried
constexpr int kElementBits = 8;  // of the accelerator's activations
constexpr int kMaxBound = 16;    // bits of act_min and act_max, docs/timing.md section 2

/// Words and characters of the files of one kind; zero where there are none.
struct Extent {
  int words = 0, width = 0;
};

Extent extent_of(const std::vector<WordSlice>& slots) {
  const auto at = std::find_if(slots.begin(), slots.end(), [](const WordSlice& s) { return bool{s}; });
  if (at == slots.end()) return {};
  return {.words = static_cast<int>(at->count), .width = static_cast<int>(at->file->width())};
}

struct Extents {
  explicit Extents(const ArrayFiles& files)
      : activation(extent_of(files.activation)),
        weight(extent_of(files.weight)),
        psum(extent_of(files.psum)),
        output(extent_of(files.output)) {}

  [[nodiscard]] int padded_pixels() const { return std::max(activation.words, psum.words); }

  Extent activation, weight, psum, output;
};

const WordSlice& first_slice(const std::vector<WordSlice>& slots) {
  return *std::find_if(slots.begin(), slots.end(), [](const WordSlice& s) { return bool{s}; });
}

[[noreturn]] void refuse(const WordSlice& slice, std::string_view problem) {
  throw model::InputError(slice.file->path().string(), fmt::format("line {}", slice.file->line(slice.first)), problem);
}

/// Bits of each of `fields` equal fields of a word; the usual ones where there is no such file, nothing where the width
/// is no multiple or the field's bits lie outside low .. high.
std::optional<int> field_bits(int width, int fields, int low, int high, int usual) {
  if (width == 0) return usual;
  if (width % fields != 0 || width / fields < low || width / fields > high) return std::nullopt;
  return width / fields;
}

/// The layout of one array size and orientation, but for map, sign and ReLU.
std::optional<ArrayLayout> fields_of(const Extents& e, int rows, int cols, bool transposed) {
  if (e.weight.words != 0 && e.weight.words != (transposed ? rows : cols)) return std::nullopt;
  const auto weight = field_bits(e.weight.width, transposed ? cols : rows, 2, 8, 4);
  const auto activation = field_bits(e.activation.width, rows, 2, 8, 4);
  const auto output = field_bits(e.output.width, cols, 4, 32, 16);
  const auto psum = field_bits(e.psum.width, cols, 4, 32, output.value_or(16));
  if (!weight || !activation || !psum || !output) return std::nullopt;
  ArrayLayout layout;
  layout.shape.rows = rows;
  layout.shape.cols = cols;
  layout.shape.activation = {*activation, false};
  layout.shape.weight = {*weight, true};
  layout.shape.psum = {*psum, true};
  layout.output = {*output, true};
  layout.transposed = transposed;
  return layout;
}

/// How unusual a layout is, most telling first; the usual one is the smallest.
auto unusual(const ArrayLayout& l) {
  const ArrayShape& s = l.shape;
  const auto odd_element = [](ArrayField f) { return f.bits != 4 && f.bits != 8; };
  const auto odd_sum = [](ArrayField f) { return f.bits != 16 && f.bits != 32; };
  return std::tuple(s.rows != s.cols, odd_element(s.activation) + odd_element(s.weight),
                    odd_sum(s.psum) + odd_sum(l.output), s.activation.bits != s.weight.bits, l.transposed,
                    s.padded_h != s.padded_w, s.activation.is_signed, !s.relu);
}

std::vector<ArrayLayout> all_fields(const ArrayFiles& files, const Extents& e) {
  std::vector<ArrayLayout> found;
  for (int rows = 1; rows <= kMaxSide; ++rows) {
    for (int cols = 1; cols <= kMaxSide; ++cols) {
      // Where nothing tells the rows, they are the columns.
      if (e.activation.words == 0 && e.weight.words == 0 && rows != cols) continue;
      for (const bool transposed : {false, true}) {
        if (transposed && e.weight.words == 0) continue;
        if (auto layout = fields_of(e, rows, cols, transposed)) found.push_back(*layout);
      }
    }
  }
  if (!found.empty()) return found;
  const auto& named = !files.weight.empty() ? files.weight : !files.activation.empty() ? files.activation : files.psum;
  const auto& shown = named.empty() ? files.output : named;
  refuse(first_slice(shown),
         fmt::format("no array up to {0}x{0} with fields of 2 .. 8 bits and psums of 4 .. 32 has words of {1} "
                     "characters for activations, {2} lines of {3} for weights, {4} for psums and {5} for outputs",
                     kMaxSide, e.activation.width, e.weight.words, e.weight.width, e.psum.width, e.output.width));
}

struct Map {
  int kernel_h = 1, kernel_w = 1, padded_h = 1, padded_w = 1;
  [[nodiscard]] int out_h() const { return padded_h - kernel_h + 1; }
  [[nodiscard]] int out_w() const { return padded_w - kernel_w + 1; }
};

/// (kernel, padded map) pairs of stride 1 that give as many outputs as there are, the nearest to a square first; where
/// there is no output to tell, that one alone.
std::vector<Map> maps(const ArrayFiles& files, const Extents& e) {
  const int kernel = static_cast<int>(std::lround(std::sqrt(files.taps)));
  if (kernel * kernel != files.taps || kernel > 15) {
    throw model::InputError(files.folder.string(), "",
                            fmt::format("{} kij: expected those of a square kernel of 1x1 .. 15x15", files.taps));
  }
  const int pixels = e.padded_pixels();
  if (pixels == 0) throw model::InputError(files.folder.string(), "", "expected activations or psums, found neither");
  std::vector<Map> found;
  for (int h = kernel; h <= pixels / kernel; ++h) {
    if (pixels % h != 0) continue;
    const Map map{.kernel_h = kernel, .kernel_w = kernel, .padded_h = h, .padded_w = pixels / h};
    if (e.output.words == 0 || map.out_h() * map.out_w() == e.output.words) found.push_back(map);
  }
  std::stable_sort(found.begin(), found.end(), [](const Map& a, const Map& b) {
    return std::abs(a.padded_h - a.padded_w) < std::abs(b.padded_h - b.padded_w);
  });
  const bool all_the_same = kernel == 1 || e.output.words == 0;  // psums are those of pixels, whatever the map
  if (all_the_same && !found.empty()) found.resize(1);
  if (!found.empty()) return found;
  if (e.output.words == 0) {
    const WordSlice& slice = first_slice(files.activation.empty() ? files.psum : files.activation);
    refuse(slice, fmt::format("{} pixels are no map for a {}x{} kernel", pixels, kernel, kernel));
  }
  const WordSlice& slice = first_slice(files.output);
  throw model::InputError(
      slice.file->path().string(), fmt::format("line {}", slice.file->line(slice.count - 1)),
      fmt::format("{} words end here, but no map of {} padded pixels has as many outputs under a {}x{} kernel",
                  e.output.words, pixels, kernel, kernel));
}

void set_map(ArrayShape& shape, const Map& map) {
  shape.kernel_h = map.kernel_h;
  shape.kernel_w = map.kernel_w;
  shape.padded_h = map.padded_h;
  shape.padded_w = map.padded_w;
  shape.out_h = map.out_h();
  shape.out_w = map.out_w();
}

/// Sign of the activations and ReLU both ways, where there are values to tell.
void add_variants(const Extents& e, const ArrayLayout& layout, std::vector<ArrayLayout>& out) {
  for (const bool is_signed : {false, true}) {
    for (const bool relu : {true, false}) {
      if (!relu && e.output.words == 0) continue;
      if (is_signed && (e.activation.words == 0 || e.psum.words + e.output.words == 0)) continue;
      ArrayLayout variant = layout;
      variant.shape.activation.is_signed = is_signed;
      variant.shape.relu = relu;
      out.push_back(variant);
    }
  }
}

std::int32_t field(std::string_view word, int index, ArrayField f) {
  const auto bits = static_cast<std::size_t>(f.bits);
  const std::size_t first = word.size() - (static_cast<std::size_t>(index) + 1) * bits;
  std::int64_t value = f.is_signed && word[first] == '1' ? -1 : 0;
  for (const char c : word.substr(first, bits)) value = value * 2 + (c - '0');
  return static_cast<std::int32_t>(value);
}

op::Matrix matrix(const WordSlice& slice, int fields, ArrayField f) {
  if (!slice) return {};
  op::Matrix values(static_cast<Eigen::Index>(slice.count), fields);
  for (std::size_t i = 0; i < slice.count; ++i) {
    for (int j = 0; j < fields; ++j) values(static_cast<Eigen::Index>(i), j) = field(slice.word(i), j, f);
  }
  return values;
}

std::vector<op::Matrix> matrices(const std::vector<WordSlice>& slices, int fields, ArrayField f) {
  std::vector<op::Matrix> values;
  values.reserve(slices.size());
  for (const WordSlice& slice : slices) values.push_back(matrix(slice, fields, f));
  return values;
}

/// The zero point that brings values of a field wider than the accelerator's elements, as differences from a zero point
/// are written, back into 8 signed bits; 0 where the field is narrow.
std::int32_t zero_point(ArrayField field, const std::vector<op::Matrix>& tiles) {
  if (field.bits <= kElementBits) return 0;
  std::int32_t least = 0;
  for (const op::Matrix& tile : tiles) least = std::min(least, tile.minCoeff());
  const std::int32_t low = -(1 << (kElementBits - 1));
  return std::max(low, low - least);
}

/// Values as elements of the layer.
op::Matrix elements(const op::Matrix& values, std::int32_t zero) { return values.array() + zero; }

/// A convolution over the padded map, so without padding of its own, psums raw.
op::Layer convolution(const ArraySet& set, int psum_width) {
  const ArrayShape& s = set.shape;
  op::Layer layer;
  layer.in_h = s.padded_h;
  layer.in_w = s.padded_w;
  layer.out_c = s.oc_tiles * s.cols;
  layer.act_signed = s.activation.is_signed || s.activation.bits > kElementBits;
  layer.act_bits = std::min(s.activation.bits, kElementBits);
  layer.zero_in = zero_point(s.activation, set.activation);
  layer.wgt_signed = s.weight.is_signed || s.weight.bits > kElementBits;
  layer.wgt_bits = std::min(s.weight.bits, kElementBits);
  layer.zero_wgt = zero_point(s.weight, set.weight);
  layer.psum_width = psum_width;
  layer.psum_bits = psum_width - 1;
  layer.tile_channels = s.rows;
  layer.out.raw = true;
  return layer;
}

model::Network network_of(std::string name, const op::Layer& first) {
  return {.name = std::move(name), .input = model::input_of(first), .nodes = {}, .classes = {}};
}

std::string tile_text(int tiles, std::string_view name, int tile) {
  return tiles > 1 ? fmt::format(" {} {}", name, tile) : "";
}

std::string field_text(const ArrayShape& s) {
  const std::string sign = s.activation.is_signed ? "signed " : "";
  if (s.activation.bits == s.weight.bits) return fmt::format("{}-bit {}fields", s.activation.bits, sign);
  return fmt::format("{}-bit {}activations, {}-bit weights", s.activation.bits, sign, s.weight.bits);
}

}  // namespace

std::string to_string(const ArrayLayout& l, bool outputs) {
  const ArrayShape& s = l.shape;
  std::string text = fmt::format("{}x{}, {}, {}-bit psums", s.rows, s.cols, field_text(s), s.psum.bits);
  if (outputs && l.output != s.psum) text += fmt::format(", {}-bit outputs", l.output.bits);
  text += fmt::format(", {} padded pixels ({}x{}), {}x{} kernel", s.padded_pixels(), s.padded_h, s.padded_w, s.kernel_h,
                      s.kernel_w);
  if (s.stride_h * s.stride_w != 1) text += fmt::format(", stride {}x{}", s.stride_h, s.stride_w);
  if (s.ic_tiles * s.oc_tiles > 1) text += fmt::format(", {} ic tiles, {} oc tiles", s.ic_tiles, s.oc_tiles);
  text += l.transposed ? ", transposed weights" : ", weights by output channel";
  if (!outputs) return text;
  return text + (s.relu ? ", outputs after ReLU" : ", outputs before ReLU");
}

std::vector<ArrayLayout> array_layouts(const ArrayFiles& files) {
  const Extents e(files);
  std::vector<ArrayLayout> layouts;
  const std::vector<Map> all_maps = maps(files, e);
  for (ArrayLayout layout : all_fields(files, e)) {
    layout.shape.ic_tiles = files.ic_tiles;
    layout.shape.oc_tiles = files.oc_tiles;
    for (const Map& map : all_maps) {
      set_map(layout.shape, map);
      add_variants(e, layout, layouts);
    }
  }
  std::stable_sort(layouts.begin(), layouts.end(),
                   [](const ArrayLayout& a, const ArrayLayout& b) { return unusual(a) < unusual(b); });
  return layouts;
}

std::vector<ArrayLayout> array_layouts(const ArrayFiles& files, const ArrayShape& s) {
  const auto require = [](const std::vector<WordSlice>& slots, std::string_view kind, int words, int fields, int bits) {
    const auto expect = [&](std::size_t found, int expected, std::string_view unit) {
      if (std::cmp_equal(found, expected)) return;
      refuse(first_slice(slots),
             fmt::format("expected {} {} by manifest.json, found {}: {}", expected, unit, found, kind));
    };
    if (slots.empty()) return;
    expect(first_slice(slots).count, words, "words");
    expect(first_slice(slots).file->width(), fields * bits, "characters");
  };
  if (files.ic_tiles != s.ic_tiles || files.oc_tiles != s.oc_tiles) {
    throw model::InputError(files.folder.string(), "",
                            fmt::format("expected {} ic tiles and {} oc tiles by manifest.json, found {} and {}",
                                        s.ic_tiles, s.oc_tiles, files.ic_tiles, files.oc_tiles));
  }
  require(files.activation, "activations", s.padded_pixels(), s.rows, s.activation.bits);
  require(files.weight, "weights", s.cols, s.rows, s.weight.bits);
  require(files.psum, "psums", s.padded_pixels(), s.cols, s.psum.bits);
  require(files.output, "outputs", s.out_pixels(), s.cols, s.psum.bits);
  return {{.shape = s, .output = s.psum, .transposed = false}};
}

ArraySet decode(const ArrayFiles& files, const ArrayLayout& layout) {
  const ArrayShape& s = layout.shape;
  ArraySet set{.shape = s,
               .activation = matrices(files.activation, s.rows, s.activation),
               .weight = matrices(files.weight, layout.transposed ? s.cols : s.rows, s.weight),
               .psum = matrices(files.psum, s.cols, s.psum),
               .output = matrices(files.output, s.cols, layout.output)};
  if (layout.transposed) {
    for (op::Matrix& weight : set.weight) weight = op::Matrix(weight.transpose());
  }
  return set;
}

model::Network psum_network(const ArraySet& set, int ic_tile, int psum_width) {
  const ArrayShape& s = set.shape;
  op::Layer layer = convolution(set, psum_width);
  layer.in_c = s.rows;
  layer.out_h = s.padded_h;
  layer.out_w = s.padded_w;
  model::Network network = network_of(fmt::format("psum_itile{}", ic_tile), layer);
  for (int kij = 0; kij < s.taps(); ++kij) {
    layer.name = fmt::format("kij{}", kij);
    layer.weights.resize(layer.out_c, s.rows);
    for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
      layer.weights.middleRows(Eigen::Index{oc_tile} * s.cols, s.cols) =
          elements(set.weight[s.index(ic_tile, oc_tile, kij)], layer.zero_wgt);
    }
    network.nodes.push_back({.layer = layer, .inputs = {0}});
  }
  return network;
}

op::Tensor psum_input(const ArraySet& set, int ic_tile) {
  op::Tensor input(set.shape.padded_h, set.shape.padded_w, set.shape.rows);
  input.data =
      elements(set.activation[static_cast<std::size_t>(ic_tile)], zero_point(set.shape.activation, set.activation));
  return input;
}

model::Network layer_network(const ArraySet& set, const ArrayLayout& layout, int psum_width, bool raw) {
  const ArrayShape& s = set.shape;
  op::Layer layer = convolution(set, psum_width);
  layer.name = "conv";
  layer.in_c = s.ic_tiles * s.rows;
  layer.out_h = s.out_h;
  layer.out_w = s.out_w;
  layer.window = {.kernel_h = s.kernel_h,
                  .kernel_w = s.kernel_w,
                  .stride_h = s.stride_h,
                  .stride_w = s.stride_w,
                  .dilation_h = s.dilation_h,
                  .dilation_w = s.dilation_w};
  layer.weights.resize(layer.out_c, Eigen::Index{s.taps()} * layer.in_c);
  for (int ic_tile = 0; ic_tile < s.ic_tiles; ++ic_tile) {
    for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
      for (int kij = 0; kij < s.taps(); ++kij) {
        layer.weights.block(Eigen::Index{oc_tile} * s.cols,
                            Eigen::Index{kij} * layer.in_c + Eigen::Index{ic_tile} * s.rows, s.cols, s.rows) =
            elements(set.weight[s.index(ic_tile, oc_tile, kij)], layer.zero_wgt);
      }
    }
  }
  layer.out.raw = raw || layout.output.bits > kMaxBound;
  if (!layer.out.raw) {
    layer.out.multiply = false;
    layer.out.lshift = {0};
    layer.out.act_min = s.relu ? 0 : static_cast<std::int32_t>(lowest(layout.output));
    layer.out.act_max = static_cast<std::int32_t>(highest(layout.output));
  }
  model::Network network = network_of("layer", layer);
  network.nodes.push_back({.layer = std::move(layer), .inputs = {0}});
  return network;
}

op::Tensor layer_input(const ArraySet& set) {
  const ArrayShape& s = set.shape;
  op::Tensor input(s.padded_h, s.padded_w, s.ic_tiles * s.rows);
  for (int tile = 0; tile < s.ic_tiles; ++tile) {
    input.data.middleCols(Eigen::Index{tile} * s.rows, s.rows) =
        elements(set.activation[static_cast<std::size_t>(tile)], zero_point(set.shape.activation, set.activation));
  }
  return input;
}

void put_psums(const ArrayShape& s, int ic_tile, const std::vector<op::Tensor>& outputs, ArrayValues& values) {
  values.psum.resize(static_cast<std::size_t>(s.ic_tiles) * static_cast<std::size_t>(s.oc_tiles) *
                     static_cast<std::size_t>(s.taps()));
  for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
    for (int kij = 0; kij < s.taps(); ++kij) {
      values.psum[s.index(ic_tile, oc_tile, kij)] =
          outputs[static_cast<std::size_t>(kij)].data.middleCols(Eigen::Index{oc_tile} * s.cols, s.cols);
    }
  }
}

void put_outputs(const ArrayLayout& layout, const op::Tensor& output, ArrayValues& values) {
  const ArrayShape& s = layout.shape;
  values.output.clear();
  for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
    op::Matrix tile = output.data.middleCols(Eigen::Index{oc_tile} * s.cols, s.cols);
    if (s.relu) tile = tile.cwiseMax(0).eval();
    values.output.push_back(std::move(tile));
  }
}

ArrayValues array_golden(const ArraySet& set, const ArrayLayout& layout, int accumulator) {
  ArrayValues values;
  for (int ic_tile = 0; ic_tile < set.shape.ic_tiles; ++ic_tile) {
    const model::Network network = psum_network(set, ic_tile, accumulator);
    const op::Tensor input = psum_input(set, ic_tile);
    const op::Tensor* const operand = &input;
    std::vector<op::Tensor> outputs;
    for (const model::Node& node : network.nodes) outputs.push_back(op::run_layer(node.layer, {&operand, 1}));
    put_psums(set.shape, ic_tile, outputs, values);
  }
  const model::Network network = layer_network(set, layout, accumulator);
  const op::Tensor input = layer_input(set);
  const op::Tensor* const operand = &input;
  put_outputs(layout, op::run_layer(network.nodes[0].layer, {&operand, 1}), values);
  return values;
}

Comparison compare_psums(const ArrayFiles& files, const ArraySet& set, const ArrayValues& other,
                         std::string_view name) {
  const ArrayShape& s = set.shape;
  Comparison total;
  for (std::size_t i = 0; i < set.psum.size(); ++i) {
    if (set.psum[i].size() == 0 || other.psum[i].size() == 0) continue;
    const int at = static_cast<int>(i);
    total.add(compare(set.psum[i], other.psum[i], name, [&](Eigen::Index nij, Eigen::Index col) {
      return ElementPlace{
          fmt::format("psum{}{} kij {} nij {} oc {}", tile_text(s.ic_tiles, "itile", at / s.taps() / s.oc_tiles),
                      tile_text(s.oc_tiles, "otile", at / s.taps() % s.oc_tiles), at % s.taps(), nij, col),
          files.psum[i].place(static_cast<std::size_t>(nij))};
    }));
  }
  return total;
}

Comparison compare_outputs(const ArrayFiles& files, const ArraySet& set, const ArrayValues& other,
                           std::string_view name) {
  const ArrayShape& s = set.shape;
  Comparison total;
  for (std::size_t i = 0; i < set.output.size(); ++i) {
    if (set.output[i].size() == 0) continue;
    total.add(compare(set.output[i], other.output[i], name, [&](Eigen::Index o, Eigen::Index col) {
      return ElementPlace{fmt::format("output{} oh {} ow {} oc {}", tile_text(s.oc_tiles, "otile", static_cast<int>(i)),
                                      o / s.out_w, o % s.out_w, col),
                          files.output[i].place(static_cast<std::size_t>(o))};
    }));
  }
  return total;
}

std::optional<ArrayValues> outputs_of_psums(const ArraySet& set, const ArrayLayout& layout) {
  const ArrayShape& s = set.shape;
  if (set.psum.empty() ||
      std::any_of(set.psum.begin(), set.psum.end(), [](const op::Matrix& m) { return m.size() == 0; }))
    return std::nullopt;
  ArrayValues values;
  for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
    Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic> sum;
    sum.setZero(s.out_pixels(), s.cols);
    for (int ic_tile = 0; ic_tile < s.ic_tiles; ++ic_tile) {
      for (int kij = 0; kij < s.taps(); ++kij) {
        const op::Matrix& psum = set.psum[s.index(ic_tile, oc_tile, kij)];
        for (int o = 0; o < s.out_pixels(); ++o) sum.row(o) += psum.row(s.psum_row(o, kij)).cast<std::int64_t>();
      }
    }
    const std::int64_t low = s.relu ? 0 : lowest(layout.output);
    values.output.emplace_back(sum.cwiseMax(low).cwiseMin(highest(layout.output)).cast<std::int32_t>());
  }
  return values;
}

namespace {

/// By share: a layout with wider fields has fewer values.
bool misses_less(const ArrayFit& a, const ArrayFit& b) { return a.missed * b.compared < b.missed * a.compared; }

/// Fits in order of what they miss; but the usual array is left only for one that misses less than half as much, since
/// in files that fit nothing narrower fields agree more often by chance.
void put_best_first(std::vector<ArrayFit>& fits, const ArrayShape& usual) {
  std::stable_sort(fits.begin(), fits.end(), misses_less);
  const auto of_usual = std::find_if(fits.begin(), fits.end(), [&usual](const ArrayFit& fit) {
    return fit.layout.shape.rows == usual.rows && fit.layout.shape.cols == usual.cols;
  });
  ArrayFit doubled = fits.front();
  doubled.missed *= 2;
  if (!misses_less(doubled, *of_usual)) std::rotate(fits.begin(), of_usual, of_usual + 1);
}

}  // namespace

std::vector<ArrayFit> fit_layouts(const ArrayFiles& files, const std::vector<ArrayLayout>& layouts,
                                  const ReadProgress& progress) {
  std::vector<ArrayFit> fits;
  for (const ArrayLayout& layout : layouts) {
    const ArraySet set = decode(files, layout);
    Comparison total;
    if (!set.activation.empty() && !set.weight.empty()) {
      const ArrayValues golden = array_golden(set, layout);
      total.add(compare_psums(files, set, golden, "golden"));
      total.add(compare_outputs(files, set, golden, "golden"));
    } else if (const auto sums = outputs_of_psums(set, layout)) {
      total.add(compare_outputs(files, set, *sums, "psums"));
    }
    fits.push_back({.layout = layout, .compared = total.compared, .missed = total.differ});
    if (progress) progress(fits.size(), layouts.size());
  }
  put_best_first(fits, layouts.front().shape);
  return fits;
}

}  // namespace systole::vectors
