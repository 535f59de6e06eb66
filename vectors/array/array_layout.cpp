// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>

#include "base/input_error.h"
#include "golden/fixed/ceil_div.h"

namespace systole::vectors {
namespace {

constexpr int kMaxSide = 64;  // array rows and columns that are tried

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
  throw base::InputError(slice.file->path().string(), fmt::format("line {}", slice.file->line(slice.first)), problem);
}

/// Bits of each of `fields` equal fields of a word; the usual ones where there is no such file, nothing where the width
/// is no multiple or the field's bits lie outside low .. high.
std::optional<int> field_bits(int width, int fields, int low, int high, int usual) {
  if (width == 0) return usual;
  if (width % fields != 0 || width / fields < low || width / fields > high) return std::nullopt;
  return width / fields;
}

/// The layout of one array size and orientation, but for map, sign and ReLU.
std::optional<ArrayLayout> fields_of(const Extents& e, int rows, int cols, int tiles_a_line, bool transposed,
                                     bool two_lines) {
  const int lines = two_lines ? 2 : 1;
  if (e.weight.words != 0 && e.weight.words != lines * (transposed ? rows : cols)) return std::nullopt;
  if (rows % lines != 0) return std::nullopt;
  const auto weight = field_bits(e.weight.width, transposed ? cols : rows / lines, 2, 8, 4);
  const auto activation = field_bits(e.activation.width, rows, 2, 8, 4);
  const auto output = field_bits(e.output.width, cols * tiles_a_line, 4, 32, 16);
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
  layout.two_lines = two_lines;
  return layout;
}

/// How unusual a layout is, most telling first; the usual one is the smallest.
auto unusual(const ArrayLayout& l) {
  const ArrayShape& s = l.shape;
  const auto odd_element = [](ArrayField f) { return f.bits != 4 && f.bits != 8; };
  const auto odd_sum = [](ArrayField f) { return f.bits != 16 && f.bits != 32; };
  return std::tuple(s.rows != s.cols, odd_element(s.activation) + odd_element(s.weight),
                    odd_sum(s.psum) + odd_sum(l.output), l.two_lines, s.activation.bits != s.weight.bits, l.transposed,
                    l.odd_first, l.output_tiles, l.outputs_low_first, l.pool.size, l.pool.average,
                    s.padded_h != s.padded_w, s.activation.is_signed, !s.relu);
}

/// Where the outputs may stand: beside or below each other only in the one file that there is.
std::vector<OutputTiles> output_tiles_of(const ArrayFiles& files) {
  const bool one = std::ranges::count_if(files.output, [](const WordSlice& s) { return bool{s}; }) == 1;
  if (files.oc_tiles == 1 || !one || !files.output.front()) return {OutputTiles::apart};
  return {OutputTiles::apart, OutputTiles::beside, OutputTiles::reversed, OutputTiles::below};
}

std::vector<ArrayLayout> all_fields(const ArrayFiles& files, const Extents& e) {
  std::vector<ArrayLayout> found;
  for (int rows = 1; rows <= kMaxSide; ++rows) {
    for (int cols = 1; cols <= kMaxSide; ++cols) {
      // Where nothing tells the rows, they are the columns.
      if (e.activation.words == 0 && e.weight.words == 0 && rows != cols) continue;
      for (const OutputTiles tiles : output_tiles_of(files)) {
        const bool in_line = tiles == OutputTiles::beside || tiles == OutputTiles::reversed;
        const auto add = [&](bool transposed, bool two_lines, bool odd_first) {
          auto layout = fields_of(e, rows, cols, in_line ? files.oc_tiles : 1, transposed, two_lines);
          if (!layout) return;
          layout->odd_first = odd_first;
          layout->output_tiles = tiles;
          found.push_back(*layout);
        };
        add(false, false, false);
        if (e.weight.words == 0) continue;
        add(true, false, false);
        add(false, true, false);
        add(false, true, true);
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

/// How a map of outputs may become so many lines: as it is, or by windows that cover it.
std::vector<OutputPool> pools(int height, int width, int lines) {
  if (lines == 0 || lines == height * width) return {{}};
  for (int size = 2; size <= std::min(height, width); ++size) {
    if (height % size != 0 || width % size != 0 || height / size * (width / size) != lines) continue;
    return {{.average = false, .size = size}, {.average = true, .size = size}};
  }
  return {};
}

[[noreturn]] void refuse_maps(const ArrayFiles& files, const Extents& e, int pixels, int kernel) {
  if (e.output.words == 0) {
    const WordSlice& slice = first_slice(files.activation.empty() ? files.psum : files.activation);
    refuse(slice, fmt::format("{} pixels are no map for a {}x{} kernel", pixels, kernel, kernel));
  }
  const WordSlice& slice = first_slice(files.output);
  throw base::InputError(slice.file->path().string(), fmt::format("line {}", slice.file->line(slice.count - 1)),
                         fmt::format("{} words end here, but no map of {} padded pixels has as many outputs under a "
                                     "{}x{} kernel, pooled or not",
                                     e.output.words, pixels, kernel, kernel));
}

using MapOutputs = std::pair<Map, OutputPool>;

/// Padded maps of stride 1 and the pooling behind them, the nearest to a square first, that give `lines` outputs; where
/// there is no output to tell, that one alone.
std::vector<MapOutputs> maps(int kernel, int pixels, int lines) {
  std::vector<Map> all;
  for (int h = kernel; h <= pixels / kernel; ++h) {
    if (pixels % h == 0) all.push_back({.kernel_h = kernel, .kernel_w = kernel, .padded_h = h, .padded_w = pixels / h});
  }
  std::ranges::stable_sort(all, {}, [](const Map& map) { return std::abs(map.padded_h - map.padded_w); });
  std::vector<MapOutputs> found;
  for (const Map& map : all) {
    for (const OutputPool& pool : pools(map.out_h(), map.out_w(), lines)) found.emplace_back(map, pool);
  }
  // The psums are those of pixels, whatever the map.
  const auto plain = [](const auto& entry) { return entry.second.size == 1; };
  if (lines == 0 && !found.empty()) found.resize(1);
  if (kernel == 1 && !found.empty() && std::ranges::all_of(found, plain)) found.resize(1);
  return found;
}

/// Of a square kernel.
int kernel_of(const ArrayFiles& files) {
  const int kernel = static_cast<int>(std::lround(std::sqrt(files.taps)));
  if (kernel * kernel == files.taps && kernel <= 15) return kernel;
  throw base::InputError(files.folder.string(), "",
                         fmt::format("{} kij: expected those of a square kernel of 1x1 .. 15x15", files.taps));
}

void set_map(ArrayShape& shape, const Map& map) {
  shape.kernel_h = map.kernel_h;
  shape.kernel_w = map.kernel_w;
  shape.padded_h = map.padded_h;
  shape.padded_w = map.padded_w;
  shape.out_h = map.out_h();
  shape.out_w = map.out_w();
}

/// Sign of the activations, ReLU and order of the outputs both ways, where there are values to tell.
void add_variants(const Extents& e, const ArrayLayout& layout, std::vector<ArrayLayout>& out) {
  for (const bool is_signed : {false, true}) {
    for (const bool relu : {true, false}) {
      if (!relu && e.output.words == 0) continue;
      if (is_signed && (e.activation.words == 0 || e.psum.words + e.output.words == 0)) continue;
      ArrayLayout variant = layout;
      variant.shape.activation.is_signed = is_signed;
      variant.shape.relu = relu;
      out.push_back(variant);
      if (e.output.words == 0 || layout.shape.cols == 1) continue;
      variant.outputs_low_first = true;
      out.push_back(variant);
    }
  }
}

/// Where every time step has a line of activations and a line of weights: their product.
std::vector<ArrayLayout> output_stationary_layouts(const ArrayFiles& files, const Extents& e) {
  const int pixel_tiles = static_cast<int>(files.activation.size());
  const int output_files = pixel_tiles > 1 && files.output.size() > 1 ? pixel_tiles : 1;
  const int pixels = e.output.words * output_files;
  if (pixels == 0 || pixels % pixel_tiles != 0) {
    refuse(first_slice(files.output.empty() ? files.activation : files.output),
           fmt::format("expected outputs of {} tiles of pixels each, found {} lines", pixel_tiles, pixels));
  }
  const int rows = pixels / pixel_tiles;
  std::vector<ArrayLayout> layouts;
  for (int cols = 1; cols <= kMaxSide; ++cols) {
    const auto weight = field_bits(e.weight.width, cols, 2, 8, 4);
    const auto activation = rows > kMaxSide ? std::nullopt : field_bits(e.activation.width, rows, 2, 8, 4);
    const auto output = field_bits(e.output.width, cols, 4, 32, 16);
    if (!weight || !activation || !output) continue;
    ArrayLayout layout;
    layout.output_stationary = true;
    layout.shape = {.rows = rows,
                    .cols = cols,
                    .ic_tiles = fixed::ceil_div(e.activation.words, rows),
                    .oc_tiles = files.oc_tiles,
                    .kernel_h = 1,
                    .kernel_w = 1,
                    .padded_h = 1,
                    .padded_w = pixels,
                    .out_h = 1,
                    .out_w = pixels,
                    .activation = {*activation, false},
                    .weight = {*weight, true},
                    .psum = {*output, true}};
    layout.output = {*output, true};
    add_variants(e, layout, layouts);
  }
  if (!layouts.empty()) return layouts;
  refuse(first_slice(files.activation),
         fmt::format("no output-stationary array up to {0}x{0} with fields of 2 .. 8 bits and outputs of 4 .. 32 has "
                     "{1} output pixels, words of {2} characters for activations, {3} for weights and {4} for outputs",
                     kMaxSide, pixels, e.activation.width, e.weight.width, e.output.width));
}

std::string field_text(const ArrayShape& s) {
  const std::string sign = s.activation.is_signed ? "signed " : "";
  if (s.activation.bits == s.weight.bits) return fmt::format("{}-bit {}fields", s.activation.bits, sign);
  return fmt::format("{}-bit {}activations, {}-bit weights", s.activation.bits, sign, s.weight.bits);
}

/// By OutputTiles.
constexpr std::array<std::string_view, 4> kTileWords{"tiles-apart", "tiles-beside", "tiles-reversed", "tiles-below"};

std::string stationary_text(const ArrayLayout& l) {
  const ArrayShape& s = l.shape;
  std::string text = fmt::format(
      "output-stationary, {}x{} (output pixels, output channels), {}, {}-bit outputs, {} "
      "output pixels",
      s.rows, s.cols, field_text(s), l.output.bits, s.out_w);
  if (s.oc_tiles > 1) text += fmt::format(", {} oc tiles", s.oc_tiles);
  if (l.outputs_low_first) text += ", column 0 of outputs leftmost";
  return text + (s.relu ? ", outputs after ReLU" : ", outputs before ReLU");
}

}  // namespace

std::string to_string(const ArrayLayout& l, bool outputs) {
  const ArrayShape& s = l.shape;
  if (l.output_stationary) return stationary_text(l);
  std::string text = fmt::format("{}x{}, {}, {}-bit psums", s.rows, s.cols, field_text(s), s.psum.bits);
  if (outputs && l.output != s.psum) text += fmt::format(", {}-bit outputs", l.output.bits);
  text += fmt::format(", {} padded pixels ({}x{}), {}x{} kernel", s.padded_pixels(), s.padded_h, s.padded_w, s.kernel_h,
                      s.kernel_w);
  if (s.stride_h * s.stride_w != 1) text += fmt::format(", stride {}x{}", s.stride_h, s.stride_w);
  if (s.ic_tiles * s.oc_tiles > 1) text += fmt::format(", {} ic tiles, {} oc tiles", s.ic_tiles, s.oc_tiles);
  text += l.transposed ? ", transposed weights" : ", weights by output channel";
  if (l.two_lines) text += fmt::format(" in two lines, {} input channels first", l.odd_first ? "odd" : "even");
  if (!outputs) return text;
  if (l.output_tiles != OutputTiles::apart) text += ", outputs of all oc tiles in one file";
  if (l.output_tiles == OutputTiles::below) text += " one below another";
  if (l.output_tiles == OutputTiles::reversed) text += l.outputs_low_first ? ", tile 0 rightmost" : ", tile 0 leftmost";
  if (l.outputs_low_first) text += ", column 0 of outputs leftmost";
  text += s.relu ? ", outputs after ReLU" : ", outputs before ReLU";
  if (l.pool.size > 1) {
    text += fmt::format(" and {}x{} {} pooling", l.pool.size, l.pool.size, l.pool.average ? "average" : "maximum");
  }
  return text;
}

FileKinds kinds_of(const ArrayFiles& files) {
  return {.activation = !files.activation.empty(),
          .weight = !files.weight.empty(),
          .psum = !files.psum.empty(),
          .output = !files.output.empty()};
}

std::vector<std::string> layout_words(const ArrayLayout& l, FileKinds kinds) {
  const ArrayShape& s = l.shape;
  std::vector<std::string> words{fmt::format("{}x{}", s.rows, s.cols)};
  if (l.output_stationary) words.emplace_back("output-stationary");
  if (kinds.activation) {
    words.push_back(fmt::format("{}activation{}", s.activation.is_signed ? "signed-" : "", s.activation.bits));
  }
  if (kinds.weight) words.push_back(fmt::format("weight{}", s.weight.bits));
  if (kinds.psum) words.push_back(fmt::format("psum{}", s.psum.bits));
  if (kinds.weight && !l.output_stationary) {
    words.emplace_back(l.transposed  ? "input-channel-a-line"
                       : l.odd_first ? "odd-even-lines"
                       : l.two_lines ? "even-odd-lines"
                                     : "output-channel-a-line");
  }
  if (!l.output_stationary) words.push_back(fmt::format("map{}x{}", s.padded_h, s.padded_w));
  if (!kinds.output) return words;
  words.push_back(fmt::format("output{}", l.output.bits));
  words.emplace_back(s.relu ? "relu" : "no-relu");
  words.emplace_back(l.outputs_low_first ? "column-0-left" : "column-0-right");
  if (l.pool.size > 1) words.push_back(fmt::format("{}-pool{}", l.pool.average ? "average" : "maximum", l.pool.size));
  if (s.oc_tiles > 1) words.emplace_back(kTileWords[static_cast<std::size_t>(l.output_tiles)]);
  return words;
}

std::vector<ArrayLayout> named_layouts(const std::vector<ArrayLayout>& layouts, std::string_view name,
                                       FileKinds kinds) {
  std::vector<std::string> asked;
  std::istringstream words_of_name(std::string(name) + ',');
  for (std::string word; std::getline(words_of_name, word, ',');) asked.push_back(word);
  std::vector<ArrayLayout> found;
  std::map<std::string, std::size_t> known;
  for (const ArrayLayout& layout : layouts) {
    const std::vector<std::string> words = layout_words(layout, kinds);
    for (const std::string& word : words) ++known[word];
    const auto has = [&words](const std::string& word) { return std::ranges::find(words, word) != words.end(); };
    if (std::ranges::all_of(asked, has)) found.push_back(layout);
  }
  if (!found.empty()) return found;
  const auto unknown = std::ranges::find_if(asked, [&known](const std::string& word) { return !known.contains(word); });
  std::string choice;
  for (const auto& [word, count] : known) choice += fmt::format("{}{}", choice.empty() ? "" : ", ", word);
  throw base::InputError("--layout", std::string(name),
                         unknown != asked.end()
                             ? fmt::format("these files have no '{}'; expected words of: {}", *unknown, choice)
                             : fmt::format("no layout of these files has all of these; expected words of: {}", choice));
}

std::vector<ArrayLayout> array_layouts(const ArrayFiles& files) {
  const Extents e(files);
  std::vector<ArrayLayout> layouts;
  if (files.output_stationary) {
    layouts = output_stationary_layouts(files, e);
  } else {
    const int kernel = kernel_of(files), pixels = e.padded_pixels();
    if (pixels == 0) throw base::InputError(files.folder.string(), "", "expected activations or psums, found neither");
    const bool whole_tiles = e.output.words % files.oc_tiles == 0;
    const auto plain = maps(kernel, pixels, e.output.words);
    const auto of_parts =
        whole_tiles ? maps(kernel, pixels, e.output.words / files.oc_tiles) : std::vector<MapOutputs>{};
    for (ArrayLayout layout : all_fields(files, e)) {
      layout.shape.ic_tiles = files.ic_tiles;
      layout.shape.oc_tiles = files.oc_tiles;
      for (const auto& [map, pool] : layout.output_tiles == OutputTiles::below ? of_parts : plain) {
        set_map(layout.shape, map);
        layout.pool = pool;
        add_variants(e, layout, layouts);
      }
    }
    if (layouts.empty()) refuse_maps(files, e, pixels, kernel);
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
    throw base::InputError(files.folder.string(), "",
                           fmt::format("expected {} ic tiles and {} oc tiles by manifest.json, found {} and {}",
                                       s.ic_tiles, s.oc_tiles, files.ic_tiles, files.oc_tiles));
  }
  require(files.activation, "activations", s.padded_pixels(), s.rows, s.activation.bits);
  require(files.weight, "weights", s.cols, s.rows, s.weight.bits);
  require(files.psum, "psums", s.padded_pixels(), s.cols, s.psum.bits);
  require(files.output, "outputs", s.out_pixels(), s.cols, s.psum.bits);
  return {{.shape = s, .output = s.psum, .transposed = false}};
}

}  // namespace systole::vectors
