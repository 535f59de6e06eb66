// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the layers of a network give for some images: computed, or read from files.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace systole::cli {

/// One layer over all images.
struct LayerValues {
  std::string name;
  bool integer = false;            ///< of an integer network or array, whose scale is not known
  std::vector<std::size_t> shape;  ///< [images, height, width, channels] of a computed layer
  std::vector<double> values;      ///< in that order
};

/// Whether the folder is a network of real numbers; false where it is an integer one or none.
bool is_float_network(const std::filesystem::path& folder);

/// Every layer of a network, float or integer, in node order, over the first images of a data set (a file of a single
/// image is one). Throws base::InputError: no such network or data set, images that do not fit it, more than 2^27
/// values in all.
std::vector<LayerValues> computed_layers(const std::string& network, const std::string& dataset, std::int64_t images);

/// An .npy file, named by its stem, or those of a folder in the order of their names; "03_conv2" is the layer conv2.
/// Throws base::InputError.
std::vector<LayerValues> stored_layers(const std::string& path);

/// Writes NN_layer.npy for each layer into `folder`, int32 or float32; makes the folder. Throws base::InputError where
/// it holds anything else than .npy files.
void write_layers(const std::vector<LayerValues>& layers, const std::filesystem::path& folder);

/// How layer b differs from layer a, which is the signal.
struct LayerDifference {
  double largest = 0, mean = 0;  ///< of |a - b|
  double sqnr = 0;               ///< 10 log10(sum a^2 / sum (a - b)^2) in dB; infinite where nothing differs
  double scale = 1, offset = 0;  ///< b is scale * its values + offset
};

/// Of as many values. Where exactly one is integer, its values are brought to the other's by the scale and offset of
/// least squares, since a network holds no scales of its inner tensors; otherwise values are compared as they are.
LayerDifference difference(const LayerValues& a, const LayerValues& b);

}  // namespace systole::cli
