// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "base/input_error.h"

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
std::optional<ArrayLayout> fields_of(const Extents& e, int rows, int cols, int output_tiles, bool transposed,
                                     bool two_lines) {
  const int lines = two_lines ? 2 : 1;
  if (e.weight.words != 0 && e.weight.words != lines * (transposed ? rows : cols)) return std::nullopt;
  if (rows % lines != 0) return std::nullopt;
  const auto weight = field_bits(e.weight.width, transposed ? cols : rows / lines, 2, 8, 4);
  const auto activation = field_bits(e.activation.width, rows, 2, 8, 4);
  const auto output = field_bits(e.output.width, cols * output_tiles, 4, 32, 16);
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
  layout.outputs_in_one = output_tiles > 1;
  return layout;
}

/// How unusual a layout is, most telling first; the usual one is the smallest.
auto unusual(const ArrayLayout& l) {
  const ArrayShape& s = l.shape;
  const auto odd_element = [](ArrayField f) { return f.bits != 4 && f.bits != 8; };
  const auto odd_sum = [](ArrayField f) { return f.bits != 16 && f.bits != 32; };
  return std::tuple(s.rows != s.cols, odd_element(s.activation) + odd_element(s.weight),
                    odd_sum(s.psum) + odd_sum(l.output), l.two_lines, s.activation.bits != s.weight.bits, l.transposed,
                    l.odd_first, l.outputs_in_one, l.outputs_low_first, s.padded_h != s.padded_w,
                    s.activation.is_signed, !s.relu);
}

/// How many oc tiles an output file may hold.
std::vector<int> output_tiles_of(const ArrayFiles& files) {
  const bool one = std::ranges::count_if(files.output, [](const WordSlice& s) { return bool{s}; }) == 1;
  if (files.oc_tiles == 1 || !one || !files.output.front()) return {1};
  return {1, files.oc_tiles};
}

std::vector<ArrayLayout> all_fields(const ArrayFiles& files, const Extents& e) {
  std::vector<ArrayLayout> found;
  for (int rows = 1; rows <= kMaxSide; ++rows) {
    for (int cols = 1; cols <= kMaxSide; ++cols) {
      // Where nothing tells the rows, they are the columns.
      if (e.activation.words == 0 && e.weight.words == 0 && rows != cols) continue;
      for (const int output_tiles : output_tiles_of(files)) {
        for (const bool transposed : {false, true}) {
          if (transposed && e.weight.words == 0) continue;
          if (auto layout = fields_of(e, rows, cols, output_tiles, transposed, false)) found.push_back(*layout);
        }
        if (e.weight.words == 0) continue;
        if (auto layout = fields_of(e, rows, cols, output_tiles, false, true)) {
          found.push_back(*layout);
          layout->odd_first = true;
          found.push_back(*layout);
        }
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
    throw base::InputError(files.folder.string(), "",
                           fmt::format("{} kij: expected those of a square kernel of 1x1 .. 15x15", files.taps));
  }
  const int pixels = e.padded_pixels();
  if (pixels == 0) throw base::InputError(files.folder.string(), "", "expected activations or psums, found neither");
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
  throw base::InputError(
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
  if (l.two_lines) text += fmt::format(" in two lines, {} input channels first", l.odd_first ? "odd" : "even");
  if (!outputs) return text;
  if (l.outputs_in_one) text += ", outputs of all oc tiles in one file";
  if (l.outputs_low_first) text += ", column 0 of outputs leftmost";
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
