// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
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

/// Matrices one below another.
op::Matrix stacked(const std::vector<op::Matrix>& parts) {
  Eigen::Index rows = 0;
  for (const op::Matrix& part : parts) rows += part.rows();
  op::Matrix all(rows, parts.empty() ? 0 : parts.front().cols());
  Eigen::Index row = 0;
  for (const op::Matrix& part : parts) {
    all.middleRows(row, part.rows()) = part;
    row += part.rows();
  }
  return all;
}

/// The output files' values of each oc tile.
std::vector<op::Matrix> outputs(const ArrayFiles& files, const ArrayLayout& layout) {
  const ArrayShape& s = layout.shape;
  const bool beside = layout.output_tiles == OutputTiles::beside || layout.output_tiles == OutputTiles::reversed;
  std::vector<op::Matrix> values = matrices(files.output, (beside ? s.oc_tiles : 1) * s.cols, layout.output);
  for (op::Matrix& output : values) {
    if (layout.outputs_low_first) output = op::Matrix(output.rowwise().reverse());
  }
  if (layout.output_stationary && s.oc_tiles == 1 && values.size() > 1) return {stacked(values)};  // tiles of pixels
  if (layout.output_tiles == OutputTiles::apart) return values;
  const op::Matrix all = std::move(values.front());
  for (int tile = 0; tile < s.oc_tiles; ++tile) {
    const int at = layout.output_tiles == OutputTiles::reversed ? s.oc_tiles - 1 - tile : tile;
    values[static_cast<std::size_t>(tile)] =
        beside ? op::Matrix(all.middleCols(Eigen::Index{at} * s.cols, s.cols))
               : op::Matrix(all.middleRows(Eigen::Index{at} * layout.output_lines(), layout.output_lines()));
  }
  return values;
}

/// "out.txt line 3" of an output.
std::string output_place(const ArrayFiles& files, const ArrayLayout& layout, std::size_t oc_tile, int line) {
  if (layout.output_tiles == OutputTiles::apart && !layout.output_stationary)
    return files.output[oc_tile].place(static_cast<std::size_t>(line));
  std::size_t file = 0;
  auto at = static_cast<std::size_t>(line);
  if (layout.output_tiles == OutputTiles::below) at += oc_tile * static_cast<std::size_t>(layout.output_lines());
  if (layout.output_stationary && layout.shape.oc_tiles > 1) file = oc_tile;
  if (layout.output_stationary && layout.shape.oc_tiles == 1) {
    file = at / files.output.front().count;
    at %= files.output.front().count;
  }
  return files.output[file].place(at);
}

/// Time steps `first` on, each a row of the tile: values(step, field) -> tile(field, step - first), 0 behind the last.
op::Matrix steps_of(const op::Matrix& values, Eigen::Index first, int rows) {
  op::Matrix tile = op::Matrix::Zero(values.cols(), rows);
  const Eigen::Index count = std::min<Eigen::Index>(rows, values.rows() - first);
  tile.leftCols(count) = values.middleRows(first, count).transpose();
  return tile;
}

/// The product of two streams as a 1x1 convolution of all steps.
ArraySet decode_stationary(const ArrayFiles& files, const ArrayLayout& layout) {
  const ArrayShape& s = layout.shape;
  const std::vector<op::Matrix> activation = matrices(files.activation, s.rows, s.activation);
  const std::vector<op::Matrix> weight = matrices(files.weight, s.cols, s.weight);
  ArraySet set{.shape = s, .activation = {}, .weight = {}, .psum = {}, .output = outputs(files, layout)};
  for (int tile = 0; tile < s.ic_tiles; ++tile) {
    const Eigen::Index first = Eigen::Index{tile} * s.rows;
    std::vector<op::Matrix> pixels;
    for (const op::Matrix& of_tile : activation) pixels.push_back(steps_of(of_tile, first, s.rows));
    set.activation.push_back(stacked(pixels));
    for (const op::Matrix& of_tile : weight) set.weight.push_back(steps_of(of_tile, first, s.rows));
  }
  return set;
}

std::string tile_text(int tiles, std::string_view name, int tile) {
  return tiles > 1 ? fmt::format(" {} {}", name, tile) : "";
}

/// More than half of what the psums or the outputs say.
bool explains(const ArrayFit& fit) {
  const auto most = [](const Comparison& c) { return c.matched_bits > c.missed_bits; };
  return most(fit.psum) || most(fit.output);
}

/// Fits in order of their evidence; but the usual array is left only for one that explains something, since in files
/// that fit nothing narrower fields agree more often by chance.
void put_best_first(std::vector<ArrayFit>& fits, const ArrayShape& usual) {
  std::ranges::stable_sort(fits, [](const ArrayFit& a, const ArrayFit& b) {
    return std::pair(b.matched_bits(), a.missed_bits()) < std::pair(a.matched_bits(), b.missed_bits());
  });
  if (explains(fits.front())) return;
  const auto of_usual = std::ranges::find_if(fits, [&usual](const ArrayFit& fit) {
    return fit.layout.shape.rows == usual.rows && fit.layout.shape.cols == usual.cols;
  });
  std::rotate(fits.begin(), of_usual, of_usual + 1);
}

/// The layout without what only output and psum files are read by: layouts that are alike in it have one golden.
ArrayLayout operands_of(ArrayLayout layout) {
  layout.shape.relu = true;
  layout.shape.psum = layout.output = {};
  layout.output_tiles = OutputTiles::apart;
  layout.outputs_low_first = false;
  layout.pool = {};
  return layout;
}

/// `sums`: the golden of these operands, made where there is none yet.
ArrayFit fit_layout(const ArrayFiles& files, const ArrayLayout& layout, std::optional<GoldenSums>& sums) {
  ArrayFit fit{.layout = layout, .psum = {}, .output = {}};
  const ArraySet set = decode(files, layout);
  if (set.activation.empty() || set.weight.empty()) {
    if (const auto outputs = outputs_of_psums(set, layout))
      fit.output = compare_outputs(files, set, layout, *outputs, "psums");
    return fit;
  }
  if (!sums) sums = golden_sums(set, layout);
  put_outputs(layout, sums->output, sums->psums);
  fit.psum = compare_psums(files, set, sums->psums, "golden");
  fit.output = compare_outputs(files, set, layout, sums->psums, "golden");
  return fit;
}

bool near(const Comparison& a, const Comparison& best) {
  const std::uint64_t all = best.matched_bits + best.missed_bits;
  return 50 * a.matched_bits >= 49 * best.matched_bits && 50 * a.missed_bits <= 50 * best.missed_bits + all;
}

/// The same numbers from the files and from the golden.
bool reads_alike(const ArrayFiles& files, const ArrayLayout& a, const ArrayLayout& b) {
  ArraySet set = decode(files, a), other = decode(files, b);
  if (set.psum != other.psum || set.output != other.output) return false;
  if (set.activation.empty() || set.weight.empty())
    return outputs_of_psums(set, a)->output == outputs_of_psums(other, b)->output;
  const ArrayValues golden = array_golden(set, a), of_other = array_golden(other, b);
  return golden.psum == of_other.psum && golden.output == of_other.output;
}

}  // namespace

ArraySet decode(const ArrayFiles& files, const ArrayLayout& layout) {
  if (layout.output_stationary) return decode_stationary(files, layout);
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
    total.add(compare(
        set.psum[i], other.psum[i], name,
        [&](Eigen::Index nij, Eigen::Index col) {
          return ElementPlace{
              fmt::format("psum{}{} kij {} nij {} oc {}", tile_text(s.ic_tiles, "itile", at / s.taps() / s.oc_tiles),
                          tile_text(s.oc_tiles, "otile", at / s.taps() % s.oc_tiles), at % s.taps(), nij, col),
              files.psum[i].place(static_cast<std::size_t>(nij))};
        },
        lowest(s.psum)));
  }
  return total;
}

Comparison compare_outputs(const ArrayFiles& files, const ArraySet& set, const ArrayLayout& layout,
                           const ArrayValues& other, std::string_view name) {
  const ArrayShape& s = set.shape;
  Comparison total;
  for (std::size_t i = 0; i < set.output.size(); ++i) {
    if (set.output[i].size() == 0) continue;
    const auto place = [&](Eigen::Index o, Eigen::Index col) {
      const int width = layout.pooled_w();
      return ElementPlace{fmt::format("output{} oh {} ow {} oc {}", tile_text(s.oc_tiles, "otile", static_cast<int>(i)),
                                      o / width, o % width, col),
                          output_place(files, layout, i, static_cast<int>(o))};
    };
    total.add(compare(set.output[i], other.output[i], name, place, lowest(layout.output)));
  }
  return total;
}

std::vector<ArrayFit> fit_layouts(const ArrayFiles& files, const std::vector<ArrayLayout>& layouts,
                                  const ReadProgress& progress) {
  std::vector<ArrayFit> fits(layouts.size());
  std::vector<bool> done(layouts.size(), false);
  std::size_t count = 0;
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    std::optional<GoldenSums> sums;
    const ArrayLayout operands = operands_of(layouts[i]);
    for (std::size_t j = i; j < layouts.size(); ++j) {
      if (done[j] || operands_of(layouts[j]) != operands) continue;
      fits[j] = fit_layout(files, layouts[j], sums);
      done[j] = true;
      if (progress) progress(++count, layouts.size());
    }
  }
  put_best_first(fits, layouts.front().shape);
  return fits;
}

std::vector<ArrayFit> near_ties(const ArrayFiles& files, const std::vector<ArrayFit>& fits) {
  std::vector<ArrayFit> found;
  const ArrayFit& best = fits.front();
  if (best.matched_bits() == 0) return found;
  for (const ArrayFit& fit : std::span(fits).subspan(1)) {
    if (!near(fit.psum, best.psum) || !near(fit.output, best.output)) continue;
    const auto same = [&](const ArrayFit& other) { return reads_alike(files, fit.layout, other.layout); };
    if (!same(best) && std::ranges::none_of(found, same)) found.push_back(fit);
  }
  return found;
}

}  // namespace systole::vectors
