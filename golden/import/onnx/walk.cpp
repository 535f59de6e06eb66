// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/input_error.h"
#include "golden/format/network_folder.h"
#include "golden/import/onnx/ops.h"

namespace systole::model::onnx {

namespace {

/// Weights of all layers together: what weights.bin may hold, as the golden's 32-bit elements.
constexpr std::int64_t kMaxWeights = static_cast<std::int64_t>(kMaxWeightBytes / sizeof(std::int32_t));

}  // namespace

void Walk::fail(const std::string& problem) const {
  throw base::InputError(graph_.file, node_place(index_, node()), problem);
}

Call Walk::call() const {
  std::vector<const Array*> inputs;
  for (const std::string& name : node().inputs) {
    const auto it = constants_.find(name);
    inputs.push_back(name.empty() || it == constants_.end() ? nullptr : &it->second);
  }
  return {graph_, index_, std::move(inputs)};
}

void Walk::require_constants(std::size_t first, std::size_t last) const {
  for (std::size_t i = first; i <= last; ++i) {
    if (!given(i) || is_constant(i)) continue;
    if (!computed_.contains(node().inputs[i])) refuse_missing(graph_, index_, i);
    fail(
        fmt::format("input {} '{}' is known only at run time: expected a constant (an initializer, a Constant node or "
                    "a DequantizeLinear of one)",
                    i, printable(node().inputs[i])));
  }
}

const std::string& Walk::computed_input(std::size_t i) const {
  if (!given(i)) fail(fmt::format("expected an input {}, found none", i));
  const std::string& name = node().inputs[i];
  if (is_constant(i)) {
    fail(fmt::format("input {} '{}' is a constant: expected a value that depends on the graph's input", i,
                     printable(name)));
  }
  if (!computed_.contains(name)) refuse_missing(graph_, index_, i);
  return name;
}

const std::string& Walk::output_name() const {
  if (node().outputs.size() != 1 || node().outputs[0].empty()) fail("expected one output");
  return node().outputs[0];
}

bool Walk::ends_graph() const {
  const auto holds = [&name = output_name()](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return holds(graph_.outputs) &&
         std::none_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& n) { return holds(n.inputs); });
}

const std::string& Walk::define_output() {
  const std::string& name = output_name();
  if (constants_.contains(name) || !computed_.insert(name).second) fail("writes a value that is there already");
  return name;
}

bool Walk::fold() {
  for (std::size_t i = 0; i < node().inputs.size(); ++i) {
    if (given(i) && !is_constant(i)) return false;
  }
  fold_to(evaluate_node(graph_, index_, constants_));
  return true;
}

void Walk::fold_to(Array value) {
  if (computed_.contains(output_name()) || !constants_.emplace(output_name(), std::move(value)).second) {
    fail("writes a value that is there already");
  }
  step("a constant");
}

void Walk::step(std::string became) {
  steps_.push_back({.index = index_, .op = node().op, .became = std::move(became)});
}

int Walk::channels(std::int64_t count) const {
  if (count < 1 || count > kMaxChannels) fail(fmt::format("expected 1 .. {} channels, found {}", kMaxChannels, count));
  return static_cast<int>(count);
}

void Walk::take_weights(std::int64_t count) {
  weight_count_ += count;
  if (weight_count_ > kMaxWeights) fail(fmt::format("expected at most {} weights in all layers", kMaxWeights));
}

std::string Walk::layer_name(std::size_t index) const {
  std::string name = graph_.nodes[index].op;
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return fmt::format("{:02}_{}", index, name);
}

std::string Walk::unique(const std::string& name) {
  std::string result = name;
  for (int copy = 2; !names_.insert(result).second; ++copy) result = fmt::format("{}_{}", name, copy);
  return result;
}

}  // namespace systole::model::onnx
