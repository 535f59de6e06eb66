// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace systole::vectors {
namespace {

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

/// Two lines of every other row of the array each become one of all rows.
op::Matrix interleaved(const op::Matrix& halves, bool odd_first) {
  op::Matrix values(halves.rows() / 2, 2 * halves.cols());
  for (Eigen::Index line = 0; line < halves.rows(); ++line) {
    const bool odd = (line % 2 == 0) == odd_first;
    for (Eigen::Index i = 0; i < halves.cols(); ++i) values(line / 2, 2 * i + (odd ? 1 : 0)) = halves(line, i);
  }
  return values;
}

/// The output files' values of each oc tile; `low_first` turns the words round, all tiles of a word together.
std::vector<op::Matrix> outputs(const ArrayFiles& files, const ArrayLayout& layout) {
  const ArrayShape& s = layout.shape;
  const int tiles = layout.outputs_in_one ? s.oc_tiles : 1;
  std::vector<op::Matrix> values = matrices(files.output, tiles * s.cols, layout.output);
  for (op::Matrix& output : values) {
    if (layout.outputs_low_first) output = op::Matrix(output.rowwise().reverse());
  }
  if (tiles == 1) return values;
  const op::Matrix all = std::move(values.front());
  for (int tile = 0; tile < tiles; ++tile) {
    values[static_cast<std::size_t>(tile)] = all.middleCols(Eigen::Index{tile} * s.cols, s.cols);
  }
  return values;
}

std::string tile_text(int tiles, std::string_view name, int tile) {
  return tiles > 1 ? fmt::format(" {} {}", name, tile) : "";
}

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

ArraySet decode(const ArrayFiles& files, const ArrayLayout& layout) {
  const ArrayShape& s = layout.shape;
  const int weight_fields = layout.transposed ? s.cols : layout.two_lines ? s.rows / 2 : s.rows;
  ArraySet set{.shape = s,
               .activation = matrices(files.activation, s.rows, s.activation),
               .weight = matrices(files.weight, weight_fields, s.weight),
               .psum = matrices(files.psum, s.cols, s.psum),
               .output = outputs(files, layout)};
  if (layout.transposed) {
    for (op::Matrix& weight : set.weight) weight = op::Matrix(weight.transpose());
  }
  if (layout.two_lines) {
    for (op::Matrix& weight : set.weight) weight = interleaved(weight, layout.odd_first);
  }
  return set;
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
    const WordSlice& slice = files.output[i] ? files.output[i] : files.output.front();  // all tiles in one file
    total.add(compare(set.output[i], other.output[i], name, [&](Eigen::Index o, Eigen::Index col) {
      return ElementPlace{fmt::format("output{} oh {} ow {} oc {}", tile_text(s.oc_tiles, "otile", static_cast<int>(i)),
                                      o / s.out_w, o % s.out_w, col),
                          slice.place(static_cast<std::size_t>(o))};
    }));
  }
  return total;
}

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
