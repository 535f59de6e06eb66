// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include "golden/format/graph_check.h"
#include "golden/op/validate.h"
#include "golden/quant/conversion.h"

namespace systole::quant {

namespace {

using model::FloatLayer;
using model::FloatNetwork;
using op::Kind;

/// Union of slots: each points to an earlier member of its set, the first one to itself.
std::size_t find(std::vector<std::size_t>& parent, std::size_t slot) {
  while (parent[slot] != slot) slot = parent[slot] = parent[parent[slot]];
  return slot;
}

void join(std::vector<std::size_t>& parent, std::size_t a, std::size_t b) {
  a = find(parent, a);
  b = find(parent, b);
  parent[std::max(a, b)] = std::min(a, b);
}

/// Columns of a weight matrix that read the kept channels: a column is (tap or pixel) * in_c + channel.
std::vector<Eigen::Index> kept_columns(const FloatLayer& layer, const std::vector<Eigen::Index>& channels) {
  std::vector<Eigen::Index> columns;
  for (Eigen::Index first = 0; first < layer.weights.cols(); first += layer.in_c) {
    for (const Eigen::Index channel : channels) columns.push_back(first + channel);
  }
  return columns;
}

}  // namespace

Pruner::Pruner(const FloatNetwork& network, PruneBy by) : network_(network) {
  model::check_float_network(network, network.name);
  join_channels();
  measure(by);
  require();
}

std::size_t Pruner::unit(int tensor, int channel) const {
  return unit_of_[first_slot_[static_cast<std::size_t>(tensor)] + static_cast<std::size_t>(channel)];
}

void Pruner::join_channels() {
  std::size_t slots = 0;
  for (std::size_t tensor = 0; tensor <= network_.nodes.size(); ++tensor) {
    first_slot_.push_back(slots);
    slots += static_cast<std::size_t>(model::tensor_shape(network_, static_cast<int>(tensor)).channels);
  }
  std::vector<std::size_t> parent(slots);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
    const auto& [layer, inputs] = network_.nodes[i];
    if (layer.kind == Kind::conv2d || layer.kind == Kind::fully_connected) continue;
    std::size_t out = first_slot_[i + 1];
    for (const int input : inputs) {
      const std::size_t in = first_slot_[static_cast<std::size_t>(input)];
      const auto channels = static_cast<std::size_t>(model::tensor_shape(network_, input).channels);
      // Depthwise: several outputs of each input channel. Otherwise one, and only concat goes on behind them.
      const std::size_t outputs = layer.kind == Kind::depthwise ? static_cast<std::size_t>(layer.out_c) : channels;
      for (std::size_t c = 0; c < outputs; ++c) join(parent, out + c, in + c / (outputs / channels));
      if (layer.kind == Kind::concat) out += channels;
    }
  }
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const std::size_t first = find(parent, slot);
    if (first == slot) units_.emplace_back();
    unit_of_.push_back(first == slot ? units_.size() - 1 : unit_of_[first]);
  }
}

void Pruner::measure(PruneBy by) {
  for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
    const auto& [layer, inputs] = network_.nodes[i];
    if (!op::has_weights(layer.kind)) continue;
    const Eigen::ArrayXXd squares = layer.weights.cast<double>().array().square();
    for (int oc = 0; oc < layer.out_c; ++oc) {
      PruneUnit& made = units_[unit(static_cast<int>(i) + 1, oc)];
      const bool of_image = layer.kind == Kind::depthwise && inputs[0] == 0;
      if (made.layer < 0 && !of_image) made.layer = static_cast<int>(i);
      if (by == PruneBy::filter) made.norm += squares.row(oc).sum();
      // A depthwise filter reads the unit that it makes.
      if (by == PruneBy::channel && layer.kind == Kind::depthwise) made.norm += squares.row(oc).sum();
    }
    if (by == PruneBy::filter || layer.kind == Kind::depthwise) continue;
    for (Eigen::Index column = 0; column < squares.cols(); ++column) {
      units_[unit(inputs[0], static_cast<int>(column % layer.in_c))].norm += squares.col(column).sum();
    }
  }
  for (PruneUnit& measured : units_) measured.norm = std::sqrt(measured.norm);
}

void Pruner::require() {
  const auto outputs = static_cast<int>(network_.nodes.size());
  for (int tensor = 0; tensor <= outputs; ++tensor) {
    const int channels = model::tensor_shape(network_, tensor).channels;
    std::size_t largest = unit(tensor, 0);
    for (int channel = 0; channel < channels; ++channel) {
      const std::size_t here = unit(tensor, channel);
      if (units_[here].norm > units_[largest].norm) largest = here;
      if (tensor == 0 || tensor == outputs) units_[here].required = true;
    }
    units_[largest].required = true;
  }
}

std::vector<Eigen::Index> Pruner::kept_channels(int tensor, const std::vector<bool>& removed) const {
  std::vector<Eigen::Index> kept;
  for (int channel = 0; channel < model::tensor_shape(network_, tensor).channels; ++channel) {
    if (!removed[unit(tensor, channel)]) kept.push_back(channel);
  }
  return kept;
}

FloatNetwork Pruner::without(const std::vector<bool>& removed) const {
  if (removed.size() != units_.size()) {
    throw std::invalid_argument(fmt::format("expected {} units, found {}", units_.size(), removed.size()));
  }
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (removed[i] && units_[i].required) {
      throw std::invalid_argument(fmt::format("expected unit {} to stay: it is required", i));
    }
  }
  FloatNetwork result = network_;
  for (std::size_t i = 0; i < result.nodes.size(); ++i) {
    auto& [layer, inputs] = result.nodes[i];
    const std::vector<Eigen::Index> in = kept_channels(inputs[0], removed);
    const std::vector<Eigen::Index> out = kept_channels(static_cast<int>(i) + 1, removed);
    if (layer.kind == Kind::depthwise) {
      layer.weights = layer.weights(out, Eigen::all).eval();
    } else if (op::has_weights(layer.kind)) {
      layer.weights = layer.weights(out, kept_columns(layer, in)).eval();
    }
    if (layer.bias.size() != 0) layer.bias = layer.bias(out).eval();
    layer.in_c = static_cast<int>(in.size());
    layer.out_c = static_cast<int>(out.size());
  }
  return result;
}

std::vector<bool> smallest_fraction(const std::vector<PruneUnit>& units, double fraction) {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw std::invalid_argument(fmt::format("expected a fraction of 0 .. 1, found {}", fraction));
  }
  std::map<int, std::vector<std::size_t>> by_layer;
  for (std::size_t i = 0; i < units.size(); ++i) by_layer[units[i].layer].push_back(i);
  std::vector<bool> removed(units.size(), false);
  for (auto& [layer, members] : by_layer) {
    std::ranges::stable_sort(members, {}, [&](std::size_t i) { return units[i].norm; });
    members.resize(static_cast<std::size_t>(std::floor(fraction * static_cast<double>(members.size()))));
    for (const std::size_t i : members) removed[i] = !units[i].required;
  }
  return removed;
}

std::vector<bool> below_threshold(const std::vector<PruneUnit>& units, double threshold) {
  if (!(threshold >= 0)) {
    throw std::invalid_argument(fmt::format("expected a threshold of at least 0, found {}", threshold));
  }
  std::vector<bool> removed(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) removed[i] = !units[i].required && units[i].norm < threshold;
  return removed;
}

}  // namespace systole::quant
