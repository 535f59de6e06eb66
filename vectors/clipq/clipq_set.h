// SPDX-License-Identifier: Apache-2.0
#pragma once
// The hex sets of a ClipQ layer: 2-bit weights by a codebook, 3x3 or 1x1, same size (docs/vectors.md, `clipq` and
// `clipq-packed`).
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "golden/op/layer.h"
#include "vectors/set/vector_set.h"

namespace systole::vectors {

/// How a set lies in its files.
enum class ClipqPacking {
  plain,  ///< one int8 a word, CHW; codes 3 pos, 2 neg1, 1 neg2, 0 zero
  packed  ///< four channels a word, HWC; codes 3 pos, 2 zero, 1 neg1, 0 neg2
};

/// Name of the format: "clipq", "clipq-packed".
[[nodiscard]] constexpr std::string_view to_string(ClipqPacking packing) {
  return packing == ClipqPacking::plain ? "clipq" : "clipq-packed";
}

/// A layer and one image, whatever the packing.
struct ClipqSet {
  op::Tensor input;                        ///< size x size x in channels, int8
  op::Tensor output;                       ///< size x size x out channels, int8; empty in a set without outputs
  int kernel = 3;                          ///< 3 (pad 1) or 1
  std::array<std::int32_t, 4> codebook{};  ///< int8 levels neg2, neg1, 0, pos: indexed by the code of op::Layer
  op::Matrix codes;                        ///< out channels x (kernel * kernel * in channels), as op::Layer::weights
  op::Vector bias;                         ///< one per output channel
  /// Where codes of unused channels, which have no effect, are not that of zero: "W2.hex line 4", the first place.
  std::string unused_codes = {};

  [[nodiscard]] int size() const { return input.height; }
  [[nodiscard]] int in_channels() const { return input.channels(); }
  [[nodiscard]] int out_channels() const { return static_cast<int>(codes.rows()); }
  [[nodiscard]] bool has_output() const { return output.data.size() != 0; }
  bool operator==(const ClipqSet&) const = default;
};

/// Throws base::InputError where the layer is none that the set can say: conv2d with a codebook whose level 2 is 0,
/// kernel 3 pad 1 or kernel 1 pad 0, stride 1, square map, zero points 0, signed 8-bit activations and outputs, one
/// rounding shift.
[[nodiscard]] ClipqSet make_clipq_set(const op::Layer& layer, const op::Tensor& input, const op::Tensor& output);

/// Writes the set into `target` (write_set). The layer adds to the README how the output comes from the sum.
void write_clipq_set(const ClipqSet& set, ClipqPacking packing, const op::Layer& layer, const Origin& origin,
                     const std::filesystem::path& target, SetProgress progress = {});

/// Reads a folder's In8, Out8, Bias32, W2, W8 and param files, of which Out8 may be missing; where there is a manifest,
/// its SHA-256 are verified too, unless `verify` is false.
/// Throws base::InputError naming file, line and what was expected.
[[nodiscard]] ClipqSet read_clipq_set(const std::filesystem::path& folder, ClipqPacking packing, bool verify = true);

/// One map of a set. Throws base::InputError naming file, line and what was expected.
[[nodiscard]] op::Tensor read_clipq_map(const std::filesystem::path& file, ClipqPacking packing, int size,
                                        int channels);

/// The first two words of a folder's param.hex, which has four.
struct ClipqMapSize {
  int size, channels;
};
[[nodiscard]] ClipqMapSize read_clipq_map_size(const std::filesystem::path& folder);

}  // namespace systole::vectors
