// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/conversion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <tuple>

#include "base/input_error.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"
#include "golden/op/multiplier.h"
#include "golden/op/validate.h"

namespace systole::quant {

using base::InputError;
using model::FloatLayer;
using op::Kind;

namespace {

/// Energies of one node's output over the images.
struct Energy {
  double signal = 0, noise = 0;
};

void add_energy(const model::FloatMatrix& real, const op::Matrix& codes, const TensorScale& scale, Energy& energy) {
  for (Eigen::Index row = 0; row < real.rows(); ++row) {
    for (Eigen::Index channel = 0; channel < real.cols(); ++channel) {
      const auto expected = static_cast<double>(real(row, channel));
      const double found = scale.of(channel) * (codes(row, channel) - scale.zero);
      energy.signal += expected * expected;
      energy.noise += (expected - found) * (expected - found);
    }
  }
}

}  // namespace

void refuse(const model::FloatNetwork& network, const std::string& layer, const std::string& problem) {
  throw InputError(network.name, "layer '" + layer + "'", problem);
}

int bits_of(const LayerBits& layers, const std::string& layer, int bits) {
  const auto found = layers.find(layer);
  return found == layers.end() ? bits : found->second;
}

void check_layer_bits(const model::FloatNetwork& network, const LayerBits& layers, int lowest, int highest) {
  std::vector<std::string> names;
  for (const auto& [layer, inputs] : network.nodes) {
    if (op::has_weights(layer.kind)) names.push_back(layer.name);
  }
  for (const auto& [name, bits] : layers) {
    if (std::ranges::find(names, name) == names.end()) {
      refuse(network, name, fmt::format("expected a layer that has weights: {}", fmt::join(names, ", ")));
    }
    if (bits < lowest || bits > highest) {
      refuse(network, name, fmt::format("expected {} .. {} bits, found {}", lowest, highest, bits));
    }
  }
}

void for_each_calibration_image(
    const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
    const std::function<void(const model::FloatTensor& input, const std::vector<model::FloatTensor>& outputs)>& visit,
    const model::BeforeRelu& before_relu) {
  if (calibration.empty()) throw InputError(network.name, "calibration", "expected at least one image");
  model::FloatExecutor executor(network, before_relu);
  for (std::size_t image = 0; image < calibration.size(); ++image) {
    try {
      const model::FloatTensor input = model::to_input(network.input, calibration[image]);
      const auto& outputs = executor.run(input);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!outputs[i].data.allFinite()) {
          refuse(network, network.nodes[i].layer.name, "expected finite outputs on the calibration images");
        }
      }
      visit(input, outputs);
    } catch (const std::invalid_argument& problem) {
      throw InputError(network.name, fmt::format("calibration image {}", image), problem.what());
    }
  }
}

model::Network described(Quantized made) {
  model::Network network = std::move(made.network);
  network.input.real = made.tensors.front();
  network.output = made.tensors.back();
  network.scales.assign(made.tensors.begin() + 1, made.tensors.end());
  return network;
}

model::FloatNetwork with_binary_pixels(model::FloatNetwork network) {
  std::vector<FloatLayer*> readers;
  for (auto& [layer, inputs] : network.nodes) {
    if (std::ranges::find(inputs, 0) != inputs.end()) readers.push_back(&layer);
  }
  if (!std::ranges::all_of(readers, [](const FloatLayer* layer) { return op::has_weights(layer->kind); })) {
    return network;
  }
  const double scale = network.input.pixel_scale;
  const double binary = std::exp2(std::round(std::log2(scale)));
  for (FloatLayer* layer : readers) {
    layer->weights = (layer->weights.cast<double>() * (scale / binary)).cast<float>();
  }
  network.input.pixel_scale = static_cast<float>(binary);
  return network;
}

bool keeps_scale(Kind kind) { return kind == Kind::max_pool || kind == Kind::avg_pool; }

op::Layer geometry(const model::FloatLayer& from) {
  op::Layer to;
  to.name = from.name;
  to.kind = from.kind;
  std::tie(to.in_h, to.in_w, to.in_c) = std::tuple(from.in_h, from.in_w, from.in_c);
  std::tie(to.out_h, to.out_w, to.out_c) = std::tuple(from.out_h, from.out_w, from.out_c);
  to.window = from.window;
  return to;
}

void pass_through(op::Requantization& out) {
  out.rule = fixed::Rounding::floor;
  out.multiply = false;
  out.lshift = {0};
  out.n = {0};
}

void average(op::Layer& layer) {
  const op::Window& w = layer.window;
  const bool inside = w.pad_top == 0 && w.pad_left == 0 &&
                      (layer.out_h - 1) * w.stride_h + (w.kernel_h - 1) * w.dilation_h < layer.in_h &&
                      (layer.out_w - 1) * w.stride_w + (w.kernel_w - 1) * w.dilation_w < layer.in_w;
  layer.exclude_padding = !inside;
  layer.out.rule = fixed::Rounding::half_away;
  layer.out.multiply = true;
  const op::Multiplier m = op::average_multiplier(w.kernel_h * w.kernel_w);  // at most 15 x 15 = 225
  layer.out.m0 = {m.m0};
  layer.out.lshift = {m.lshift};
  layer.out.n = {m.n};
}

std::vector<double> layer_sqnr(const model::FloatNetwork& network, const Quantized& quantized,
                               std::span<const op::Tensor> images) {
  std::vector<Energy> energies(network.nodes.size());
  model::Executor executor(quantized.network);
  std::size_t image = 0;
  for_each_calibration_image(network, images, [&](const model::FloatTensor&, const auto& outputs) {
    const auto& found = executor.run(model::to_input(quantized.network.input, images[image++]));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      add_energy(outputs[i].data, found[i].data, quantized.tensors[i + 1], energies[i]);
    }
  });
  std::vector<double> result;
  result.reserve(energies.size());
  for (const Energy& energy : energies) {
    result.push_back(energy.noise == 0 ? std::numeric_limits<double>::infinity()
                                       : 10 * std::log10(energy.signal / energy.noise));
  }
  return result;
}

std::int64_t parameter_bytes(const model::Network& network) {
  std::int64_t bytes = 0;
  for (const auto& [layer, inputs] : network.nodes) {
    bytes += (layer.weights.size() * layer.wgt_bits + 7) / 8;
    bytes += static_cast<std::int64_t>(layer.codebook.size());
    bytes += layer.bias.size() * static_cast<std::int64_t>(sizeof(std::int32_t));
  }
  return bytes;
}

std::int64_t parameter_bytes(const model::FloatNetwork& network, int weight_bits) {
  std::int64_t bytes = 0;
  for (const auto& [layer, inputs] : network.nodes) {
    bytes += (layer.weights.size() * weight_bits + 7) / 8;
    bytes += layer.bias.size() * static_cast<std::int64_t>(sizeof(float));
  }
  return bytes;
}

}  // namespace systole::quant
