// SPDX-License-Identifier: Apache-2.0
// What was taken of every file, for a reader who holds it against the file.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "vectors/array/array_set.h"

namespace systole::vectors {
namespace {

/// Names of the files behind the slots, each once, in order of their first place.
std::vector<std::string> names_of(const std::vector<WordSlice>& slots) {
  std::vector<std::string> names;
  const WordFile* last = nullptr;
  for (const WordSlice& slice : slots) {
    if (!slice || slice.file.get() == last) continue;
    last = slice.file.get();
    names.push_back(slice.file->path().filename().string());
  }
  return names;
}

std::string range(const char* what, int count) { return count > 1 ? fmt::format(", {} 0 .. {}", what, count - 1) : ""; }

std::string field_text(int fields, ArrayField field) {
  return fmt::format("{} fields of {} bits, {}", fields, field.bits, field.is_signed ? "signed" : "unsigned");
}

std::string line_of(const std::vector<WordSlice>& slots, const std::string& what, const std::string& line) {
  const std::vector<std::string> names = names_of(slots);
  if (names.empty()) return {};
  const WordSlice& slice = *std::ranges::find_if(slots, [](const WordSlice& s) { return bool{s}; });
  const std::string files =
      names.size() == 1 ? names.front() : fmt::format("{} .. {} ({} files)", names.front(), names.back(), names.size());
  return fmt::format("{}: {}; {} words of {} characters{}, {}", files, what, slice.count, slice.file->width(),
                     slots.size() > 1 && slots[1] ? " for each" : "", line);
}

std::string weight_line(const ArrayLayout& l) {
  const ArrayShape& s = l.shape;
  if (l.output_stationary) return "a time step a word, " + field_text(s.cols, s.weight) + ", column 0 rightmost";
  if (l.transposed) return "an input channel a word, " + field_text(s.cols, s.weight) + ", column 0 rightmost";
  if (!l.two_lines) return "an output channel a word, " + field_text(s.rows, s.weight) + ", row 0 rightmost";
  return fmt::format("two words an output channel, {} rows first, {}, the lowest row rightmost",
                     l.odd_first ? "odd" : "even", field_text(s.rows / 2, s.weight));
}

std::string output_line(const ArrayLayout& l) {
  const bool beside = l.output_tiles == OutputTiles::beside || l.output_tiles == OutputTiles::reversed;
  return fmt::format(
      "an output pixel a word ({}x{}{}), {}, column 0 {}{}, {} ReLU", l.output_lines() / l.pooled_w(), l.pooled_w(),
      l.pool.size > 1 ? fmt::format(", {} of {}x{}", l.pool.average ? "average" : "maximum", l.pool.size, l.pool.size)
                      : "",
      field_text(l.shape.cols * (beside ? l.shape.oc_tiles : 1), l.output),
      l.outputs_low_first ? "leftmost" : "rightmost",
      l.output_tiles == OutputTiles::beside     ? ", oc tile 0 on that side"
      : l.output_tiles == OutputTiles::reversed ? ", oc tile 0 on the other side"
      : l.output_tiles == OutputTiles::below    ? ", oc tiles one below another"
                                                : "",
      l.shape.relu ? "after" : "before");
}

}  // namespace

std::vector<std::string> reading(const ArrayFiles& files, const ArrayLayout& layout) {
  const ArrayShape& s = layout.shape;
  const std::string ic = layout.output_stationary ? "" : range("ic tile", s.ic_tiles),
                    oc = range("oc tile", s.oc_tiles), kij = range("kij", s.taps());
  std::vector<std::string> lines{
      line_of(files.activation, "activations" + ic,
              layout.output_stationary
                  ? "a time step a word, " + field_text(s.rows, s.activation) + ", output pixel 0 rightmost"
                  : fmt::format("a pixel of the padded {}x{} map a word, {}, row 0 rightmost", s.padded_h, s.padded_w,
                                field_text(s.rows, s.activation))),
      line_of(files.weight, "weights" + ic + oc + kij, weight_line(layout)),
      line_of(files.psum, "psums" + ic + oc + kij,
              fmt::format("a padded pixel a word, {}, column 0 rightmost", field_text(s.cols, s.psum))),
      line_of(files.output, "outputs" + (layout.output_stationary && s.oc_tiles == 1 ? "" : oc), output_line(layout))};
  std::erase(lines, "");
  return lines;
}

}  // namespace systole::vectors
