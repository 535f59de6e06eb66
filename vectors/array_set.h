#pragma once
// Array sets of any team: which layout the files fit, their values, and what the golden says those should be.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/network.h"
#include "vectors/array_files.h"
#include "vectors/array_format.h"
#include "vectors/comparison.h"

namespace systole::vectors {

/// How the words of a set are to be read. `shape.psum` is the field of psum files, `output` that of output files.
struct ArrayLayout {
  ArrayShape shape;
  ArrayField output{16, true};
  bool transposed = false;  ///< a weight file's line is an input channel, its fields are output channels
  bool operator==(const ArrayLayout&) const = default;
};

/// "8x8, 4-bit fields, 16-bit psums, 36 padded pixels (6x6), 3x3 kernel, transposed weights, outputs after ReLU", the
/// last only where there are outputs.
[[nodiscard]] std::string to_string(const ArrayLayout& layout, bool outputs = true);

/// Every layout whose words have the files' widths and numbers, the usual ones first: square arrays, fields of 4 or 8
/// bits (2 .. 8 are read), psums and outputs of 16 or 32 (4 .. 32 are read), unsigned activations, weights by output
/// channel, outputs after ReLU, stride 1, square maps. Throws model::InputError where there is none: it names the first
/// file that fits no array, or the outputs that fit no map.
[[nodiscard]] std::vector<ArrayLayout> array_layouts(const ArrayFiles& files);

/// The layouts of a set whose manifest states its shape: that shape, weights as we write them.
[[nodiscard]] std::vector<ArrayLayout> array_layouts(const ArrayFiles& files, const ArrayShape& stated);

/// The values of the files; a file that is not there gives an empty matrix (and none of a kind an empty list).
[[nodiscard]] ArraySet decode(const ArrayFiles& files, const ArrayLayout& layout);

/// The psum passes of one ic tile as a network: layer `kijK` is the 1x1 convolution of the padded map with the weights
/// of tap K to all oc tiles, psums raw. `psum_width`: of the accumulator, whose leaving is an OverflowError.
[[nodiscard]] model::Network psum_network(const ArraySet& set, int ic_tile, int psum_width);
/// Its input: the activations of the tile as a padded map.
[[nodiscard]] op::Tensor psum_input(const ArraySet& set, int ic_tile);

/// The whole convolution over the padded map as a network of one layer `conv`, its output ReLU and saturation to the
/// output field, or raw where the field has more than the 16 bits of the accelerator's bounds or `raw` asks for it.
[[nodiscard]] model::Network layer_network(const ArraySet& set, const ArrayLayout& layout, int psum_width,
                                           bool raw = false);
[[nodiscard]] op::Tensor layer_input(const ArraySet& set);

/// Psums [ArrayShape::index()] and outputs [oc tile], shaped like the files' matrices.
struct ArrayValues {
  std::vector<op::Matrix> psum, output;
};

/// The outputs of psum_network, one per layer, as the psums of `ic_tile`.
void put_psums(const ArrayShape& shape, int ic_tile, const std::vector<op::Tensor>& outputs, ArrayValues& values);
/// The output of layer_network as output files hold it: ReLU where the layout has one (of no effect where the network
/// applied it).
void put_outputs(const ArrayLayout& layout, const op::Tensor& output, ArrayValues& values);

/// What the golden computes from activations and weights, which must both be there. `accumulator`: width of the
/// partial sums; throws fixed::OverflowError where one leaves it.
[[nodiscard]] ArrayValues array_golden(const ArraySet& set, const ArrayLayout& layout, int accumulator = 32);

/// The psums of the files against those that `other` has, which `name` names in the first difference.
[[nodiscard]] Comparison compare_psums(const ArrayFiles& files, const ArraySet& set, const ArrayValues& other,
                                       std::string_view name);
/// The same for outputs.
[[nodiscard]] Comparison compare_outputs(const ArrayFiles& files, const ArraySet& set, const ArrayValues& other,
                                         std::string_view name);

/// The outputs that the psums of the files add up to; nothing where one of them is missing.
[[nodiscard]] std::optional<ArrayValues> outputs_of_psums(const ArraySet& set, const ArrayLayout& layout);

/// A layout and how many values of the files miss what the golden, or without it the sum of the psums, says.
struct ArrayFit {
  ArrayLayout layout;
  std::uint64_t compared = 0, missed = 0;
};

/// Every layout tried, the one that misses the smallest share of its values first; of equals the one that came first. An
/// array of other sizes than that of `layouts`' first, of which there must be one, must miss less than half as much.
/// `progress` counts layouts.
[[nodiscard]] std::vector<ArrayFit> fit_layouts(const ArrayFiles& files, const std::vector<ArrayLayout>& layouts,
                                                const ReadProgress& progress = {});

}  // namespace systole::vectors
