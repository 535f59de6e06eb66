// SPDX-License-Identifier: Apache-2.0
#include "cli/layer_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <variant>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/json_object.h"
#include "base/npy.h"
#include "base/progress.h"
#include "golden/fixed/saturate.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"
#include "models/dataset/dataset.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using base::InputError;

constexpr std::int64_t kMostValues = std::int64_t{1} << 27;  // 1 GB

template <typename Executor, typename Network>
std::vector<LayerValues> run(const Network& network, const std::string& folder, const std::string& description,
                             std::int64_t count) {
  const auto images = dataset::open_dataset(description, model::tensor_shape(network, 0));
  count = std::min(count, images->size());
  if (count < 1) throw InputError(description, "", "expected at least one image, found none");
  std::vector<LayerValues> layers;
  std::int64_t values = 0;
  for (const auto& [layer, inputs] : network.nodes) {
    const auto extent = [](auto size) { return static_cast<std::size_t>(size); };
    layers.push_back({layer.name,
                      std::is_same_v<Network, model::Network>,
                      {extent(count), extent(layer.out_h), extent(layer.out_w), extent(layer.out_c)},
                      {}});
    values += count * layer.out_h * layer.out_w * layer.out_c;
  }
  if (values > kMostValues) {
    throw InputError(
        "--images", fmt::to_string(count),
        fmt::format("expected fewer: {} values of all layers are held in memory, {} at most", values, kMostValues));
  }
  Executor executor(network);
  base::ProgressBar bar("images", static_cast<std::uint64_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    try {
      const auto& outputs = executor.run(model::to_input(network.input, images->at(i).pixels));
      for (std::size_t node = 0; node < layers.size(); ++node) {
        const auto& data = outputs[node].data;
        layers[node].values.insert(layers[node].values.end(), data.data(), data.data() + data.size());
      }
    } catch (const std::invalid_argument& error) {
      throw InputError(description, fmt::format("image {}", i), error.what());
    } catch (const fixed::OverflowError& error) {
      throw InputError(folder, "", error.what());
    }
    bar.set(static_cast<std::uint64_t>(i) + 1);
  }
  return layers;
}

/// "03_conv2" -> "conv2".
std::string layer_name(const std::string& stem) {
  std::size_t digits = 0;
  while (digits < stem.size() && std::isdigit(static_cast<unsigned char>(stem[digits])) != 0) ++digits;
  return digits > 0 && digits + 1 < stem.size() && stem[digits] == '_' ? stem.substr(digits + 1) : stem;
}

LayerValues stored_layer(const fs::path& file) {
  const base::NpyArray array = base::read_npy(file);
  LayerValues layer{layer_name(file.stem().string()), true, array.shape, {}};
  std::visit(
      [&layer](const auto& values) {
        layer.integer = !std::is_floating_point_v<std::decay_t<decltype(values[0])>>;
        layer.values.assign(values.begin(), values.end());
      },
      array.values);
  return layer;
}

std::string file_name(std::size_t number, std::string name) {
  std::ranges::replace(name, '/', '_');
  return fmt::format("{:02}_{}.npy", number, name);
}

}  // namespace

bool is_float_network(const fs::path& folder) {
  if (!fs::exists(folder / model::kDescriptionFile)) return false;
  base::JsonObject root = base::JsonObject::read(folder / model::kDescriptionFile, model::kMaxDescriptionBytes);
  return root.has("number") && root.text("number", 0, 64) == "float32";
}

std::vector<LayerValues> computed_layers(const std::string& network, const std::string& dataset, std::int64_t images) {
  if (is_float_network(network)) {
    return run<model::FloatExecutor>(model::load_float_network(network), network, dataset, images);
  }
  return run<model::Executor>(model::load_network(network), network, dataset, images);
}

std::vector<LayerValues> stored_layers(const std::string& path) {
  if (!fs::is_directory(path)) return {stored_layer(path)};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().extension() == ".npy") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  if (files.empty()) throw InputError(path, "", "expected a network or .npy files, found neither");
  std::vector<LayerValues> layers;
  layers.reserve(files.size());
  for (const fs::path& file : files) layers.push_back(stored_layer(file));
  return layers;
}

void write_layers(const std::vector<LayerValues>& layers, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    throw InputError(folder.string(), "", fmt::format("cannot be made: {}", error.message()));
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".npy") continue;
    throw InputError(
        folder.string(), "",
        fmt::format("expected a new folder or one of .npy files, found {}", entry.path().filename().string()));
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    base::NpyArray array{layers[i].shape, {}};
    if (layers[i].integer) {
      std::vector<std::int32_t> values;
      for (const double value : layers[i].values) values.push_back(static_cast<std::int32_t>(value));
      array.values = std::move(values);
    } else {
      std::vector<float> values;
      for (const double value : layers[i].values) values.push_back(static_cast<float>(value));
      array.values = std::move(values);
    }
    base::write_npy(folder / file_name(i, layers[i].name), array);
  }
}

LayerDifference difference(const LayerValues& a, const LayerValues& b) {
  LayerDifference result;
  const auto n = static_cast<double>(a.values.size());
  // x: what is brought to y's scale.
  const std::vector<double>& x = a.integer ? a.values : b.values;
  const std::vector<double>& y = a.integer ? b.values : a.values;
  if (a.integer != b.integer) {
    double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum_x += x[i];
      sum_y += y[i];
      sum_xx += x[i] * x[i];
      sum_xy += x[i] * y[i];
    }
    const double spread = n * sum_xx - sum_x * sum_x;
    result.scale = spread > 0 ? (n * sum_xy - sum_x * sum_y) / spread : 0;
    result.offset = (sum_y - result.scale * sum_x) / n;
  }
  double signal = 0, noise = 0, sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double brought = result.scale * x[i] + result.offset;
    const double away = std::abs(y[i] - brought);
    const double reference = a.integer && !b.integer ? brought : (a.integer ? x[i] : y[i]);
    signal += reference * reference;
    noise += away * away;
    sum += away;
    result.largest = std::max(result.largest, away);
  }
  result.mean = n > 0 ? sum / n : 0;
  result.sqnr = noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
  return result;
}

}  // namespace systole::cli
