// SPDX-License-Identifier: Apache-2.0
#include "debug/layer_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

#include "base/input_error.h"
#include "base/interrupted.h"
#include "golden/fixed/saturate.h"
#include "golden/model/execute.h"
#include "golden/model/one_layer.h"
#include "golden/op/run_layer.h"
#include "sim/dut/registry.h"

namespace systole::debug {

check::CheckLevel highest_level(const std::string& configuration) {
  if (dut::has_adapter()) return check::CheckLevel::outputs;
  const bool registers = !dut::make_dut(configuration, dut::TraceFormat::none)->pins().registers.empty();
  return registers ? check::CheckLevel::all : check::CheckLevel::pins;
}

std::string without_places(const std::string& signal) {
  std::string kind;
  for (const char c : signal) {
    const bool place =
        !kind.empty() && kind.back() == '[' && (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == ':');
    if (!place) kind += c;
  }
  return kind;
}

std::string way_of(const session::RunReport& report) {
  std::string way(to_string(report.outcome));
  if (!report.failure) return way;
  if (report.failure->origin) way += " " + without_places(report.failure->origin->signal);
  if (report.failure->detection) way += ", " + without_places(report.failure->detection->signal);
  return way;
}

FailingLayer failing_layer(const model::Network& network, const op::Tensor& image, const std::string& layer) {
  model::Executor executor(network);
  const std::vector<op::Tensor>& outputs = executor.run(image);
  const auto node =
      std::ranges::find_if(network.nodes, [&layer](const model::Node& n) { return n.layer.name == layer; });
  if (node == network.nodes.end()) throw base::InputError(network.name, layer, "no such layer");
  FailingLayer failing{.whole = {.layer = node->layer, .inputs = {}},
                       .golden = outputs[static_cast<std::size_t>(node - network.nodes.begin())]};
  for (const int source : node->inputs)
    failing.whole.inputs.push_back(source == 0 ? image : outputs[static_cast<std::size_t>(source - 1)]);
  return failing;
}

std::string doubt_of_golden(const FailingLayer& layer) {
  const op::Layer& l = layer.whole.layer;
  const std::int64_t taps =
      std::max<std::int64_t>(l.weights.cols(), std::int64_t{l.window.kernel_h} * l.window.kernel_w);
  if (taps * l.out_h * l.out_w * l.out_c > kMostProducts) return {};
  std::vector<const op::Tensor*> inputs;
  for (const op::Tensor& input : layer.whole.inputs) inputs.push_back(&input);
  const op::Tensor plain = op::run_layer(l, inputs);
  for (int pixel = 0; pixel < plain.pixels(); ++pixel) {
    for (int oc = 0; oc < plain.channels(); ++oc) {
      if (plain.data(pixel, oc) == layer.golden.data(pixel, oc)) continue;
      return fmt::format("the reference is suspect: golden says {} for oc {} oh {} ow {} of {}, golden/op {}",
                         layer.golden.data(pixel, oc), oc, pixel / plain.width, pixel % plain.width, l.name,
                         plain.data(pixel, oc));
    }
  }
  return {};
}

session::RunReport run_to_an_output(const model::Network& network, session::RunOptions options,
                                    const session::InputImage& image, const session::Progress& progress) {
  options.trace = dut::TraceFormat::none;
  options.trace_window.clear();
  options.after_failure = session::kToAnOutput;
  session::RunReport report = session::run_network(
      network, options, [&image](std::int64_t) { return image; }, 1, progress);
  if (report.outcome == kernel::Outcome::interrupted) throw base::Interrupted();
  return report;
}

std::optional<session::RunReport> run_case(const LayerCase& one, const session::RunOptions& options) {
  model::LayerJob job = model::layer_job(one.layer, one.inputs, one.layer.psum_width);
  session::RunOptions only = options;
  only.layer = job.network.nodes.back().layer.name;
  try {
    return run_to_an_output(job.network, only, {.index = 0, .label = -1, .input = std::move(job.input)});
  } catch (const base::InputError&) {
    return std::nullopt;
  } catch (const fixed::OverflowError&) {
    return std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace systole::debug
