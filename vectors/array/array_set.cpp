// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_set.h"

#include <fmt/format.h>

#include <algorithm>

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
