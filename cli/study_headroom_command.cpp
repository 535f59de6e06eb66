// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/quote.h"
#include "cli/programs.h"
#include "cli/study_commands.h"
#include "cli/study_output.h"
#include "cli/table_files.h"
#include "golden/format/network_file.h"
#include "golden/model/one_layer.h"
#include "golden/study/headroom.h"
#include "sim/dut/registry.h"
#include "sim/session/session.h"

namespace systole::cli {
namespace {

struct HeadroomArguments {
  std::string network, to, layer;
  bool run = false;
  session::RunOptions options;
  TableFiles files;
};

/// A layer with its proof, and what the RTL showed of it.
struct Certificate {
  std::size_t node = 0;
  op::ElementRange input;
  std::vector<study::Bounds> channels;
  study::Bounds bounds;
  std::optional<session::RunReport> report;
};

/// Bits of the register that the layer declares, or of the narrower clamp that is its meaning.
int declared_bits(const op::Layer& layer) { return op::clamp_bits(layer) + 1; }

bool fits(const Certificate& certificate, const op::Layer& layer) {
  return certificate.bounds.width() <= declared_bits(layer);
}

/// A saturation that the layer declares is its meaning; any other overflow is an error of the network.
bool may_saturate(const op::Layer& layer) { return layer.saturate && layer.kind != op::Kind::add; }

std::string verdict(const Certificate& certificate, const op::Layer& layer) {
  const std::string needs = fmt::format("needs {} of {} bits: ", certificate.bounds.width(), declared_bits(layer));
  if (fits(certificate, layer)) return needs + "proved";
  return needs + (may_saturate(layer) ? "saturates, as declared" : "may overflow");
}

/// The layer alone, showing its accumulator after every pass and clamping at the register's own width only.
model::Network network_of(const op::Layer& layer) {
  model::Network network = model::one_layer_network(layer);
  op::Layer& alone = network.nodes[0].layer;
  alone.psum_width = 32;
  alone.saturate = true;
  alone.psum_bits = 31;
  return network;
}

/// Two images, one with the input that reaches the maximum, one with that of the minimum.
session::RunReport run_extremes(const HeadroomArguments& a, const model::Node& node, const study::Headroom& headroom) {
  const model::Network network = network_of(node.layer);
  session::RunOptions options = a.options;
  options.test = "headroom";
  options.rerun = fmt::format("build/systole study headroom {} --layer {} --run --config {}",
                              base::shell_word(a.network), base::shell_word(node.layer.name), options.configuration);
  options.rerun_takes_image = false;
  options.rerun_takes_trace = false;
  const session::ImageSource source = [&headroom](std::int64_t i) {
    return session::InputImage{.index = i, .label = -1, .input = headroom.attaining_input(i == 0)};
  };
  return session::run_network(network, options, source, 2);
}

/// The run passed and showed exactly what was proved.
bool attained(const Certificate& certificate) {
  if (!certificate.report || certificate.report->outcome != kernel::Outcome::passed) return false;
  const session::LayerReport& seen = certificate.report->layers.at(0);
  return fast::Extent{.low = seen.psum_min, .high = seen.psum_max} == certificate.bounds.accumulator;
}

kernel::Outcome outcome_of(const Certificate& c, const op::Layer& layer) {
  if (c.report && c.report->outcome != kernel::Outcome::passed) return c.report->outcome;
  const bool good = (fits(c, layer) || may_saturate(layer)) && (!c.report || attained(c));
  return good ? kernel::Outcome::passed : kernel::Outcome::mismatch;
}

std::string run_text(const Certificate& certificate) {
  if (!certificate.report) return "";
  if (attained(certificate)) return "attained";
  const session::RunReport& report = *certificate.report;
  if (report.outcome != kernel::Outcome::passed) return std::string(to_string(report.outcome));
  return fmt::format("showed {} .. {}", report.layers.at(0).psum_min, report.layers.at(0).psum_max);
}

base::Table layer_table(const model::Network& network, const std::vector<Certificate>& certificates) {
  base::Table table{"headroom", {"layer", "input", "column", "accumulator min", "accumulator max", "verdict", "rtl"}};
  for (const Certificate& c : certificates) {
    const op::Layer& layer = network.nodes[c.node].layer;
    table.rows.push_back({layer.name, fmt::format("{} .. {}", c.input.low, c.input.high),
                          fmt::format("{} .. {}", c.bounds.column.low, c.bounds.column.high), c.bounds.accumulator.low,
                          c.bounds.accumulator.high, verdict(c, layer), run_text(c)});
  }
  return table;
}

base::Table channel_table(const model::Network& network, const std::vector<Certificate>& certificates) {
  base::Table table{"channels",
                    {"layer", "channel", "column min", "column max", "accumulator min", "accumulator max", "bits"}};
  for (const Certificate& c : certificates) {
    for (std::size_t channel = 0; channel < c.channels.size(); ++channel) {
      const study::Bounds& b = c.channels[channel];
      table.rows.push_back({network.nodes[c.node].layer.name, static_cast<std::int64_t>(channel), b.column.low,
                            b.column.high, b.accumulator.low, b.accumulator.high, std::int64_t{b.width()}});
    }
  }
  return table;
}

std::vector<std::size_t> chosen_layers(const HeadroomArguments& a, const model::Network& network) {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const op::Layer& layer = network.nodes[i].layer;
    if (study::has_headroom(layer) && (a.layer.empty() || layer.name == a.layer)) nodes.push_back(i);
  }
  if (nodes.empty()) {
    throw base::InputError(a.network, a.layer.empty() ? "" : "layer " + a.layer,
                           "expected a layer that adds something up, found none");
  }
  return nodes;
}

std::vector<Certificate> certify(const HeadroomArguments& a, const model::Network& network) {
  const std::vector<std::size_t> nodes = chosen_layers(a, network);
  std::vector<Certificate> certificates;
  base::ProgressBar bar("layers", nodes.size());
  for (const std::size_t node : nodes) {
    if (base::interrupted()) throw base::Interrupted();
    const op::ElementRange input = study::input_range(network, node);
    const study::Headroom headroom(network.nodes[node].layer, input);
    Certificate& c =
        certificates.emplace_back(Certificate{node, input, headroom.channels(), headroom.layer(), std::nullopt});
    if (a.run) c.report = run_extremes(a, network.nodes[node], headroom);
    if (c.report && c.report->outcome == kernel::Outcome::interrupted) throw base::Interrupted();
    bar.set(certificates.size());
  }
  return certificates;
}

int study_headroom(const HeadroomArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  if (a.run && dut::has_adapter()) {
    throw base::InputError("--run", "",
                           "sums are checked in the cells of the array in rtl/, and this program has " +
                               std::string(dut::own_configuration()));
  }
  if (a.run) require_model({.configuration = a.options.configuration});
  const StudyFolder folder(a.to, "headroom", a.network);
  const model::Network network = model::load_network(a.network);
  const std::vector<Certificate> certificates = certify(a, network);
  kernel::Outcome outcome = kernel::Outcome::passed;
  for (const Certificate& c : certificates) {
    outcome = first_failure(outcome, outcome_of(c, network.nodes[c.node].layer));
    if (!c.report) continue;
    for (const std::string& failure : c.report->failures) fmt::print("{}\n", failure);
  }
  const std::vector<base::Table> tables{layer_table(network, certificates), channel_table(network, certificates)};
  fmt::print("{}", terminal_table(tables.front()));
  folder.write(tables, {});
  a.files.write(tables);
  fmt::print("{}\n", to_string(outcome));
  return exit_code(outcome);
}

}  // namespace

Command add_study_headroom_command(CLI::App& study) {
  auto a = std::make_shared<HeadroomArguments>();
  CLI::App* command = study.add_subcommand("headroom", std::string(description_of("study headroom")));
  command->add_option("NETWORK", a->network, "Folder of the network")->required();
  command->add_option("--layer", a->layer, "This layer only");
  command->add_flag("--run", a->run, "Run the inputs that reach the extremes on the RTL, every cell checked");
  command->add_option("--config", a->options.configuration, "Built size of the array, see `systole list`")
      ->capture_default_str();
  command->add_option("-o,--output", a->to, "Folder of the tables (CSV) to write");
  add_table_options(*command, a->files);
  command->footer(
      "Examples: systole study headroom models/lenet\n          systole study headroom models/lenet --run -o "
      "study-headroom");
  return [a] { return study_headroom(*a); };
}

Command add_rtl_study_command(CLI::App& program) {
  CLI::App* study = program.add_subcommand("study", std::string(description_of("study")));
  study->require_subcommand(1);
  return add_study_headroom_command(*study);
}

}  // namespace systole::cli
