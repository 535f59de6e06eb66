// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/table.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/table_files.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/format/samples.h"
#include "golden/op/validate.h"

namespace systole::cli {
namespace {

/// "real = 0.0078125 * (element - 3)".
std::string real_text(const std::optional<model::TensorScale>& real, const char* element) {
  if (!real) return "real values unknown";
  const auto [least, largest] = std::minmax_element(real->scale.begin(), real->scale.end());
  const std::string scale = real->scale.size() == 1 ? fmt::format("{:.9g}", *least)
                                                    : fmt::format("({:.9g} .. {:.9g} by channel)", *least, *largest);
  if (real->zero == 0) return fmt::format("real = {} * {}", scale, element);
  return fmt::format("real = {} * ({} {} {})", scale, element, real->zero < 0 ? '+' : '-', std::abs(real->zero));
}

/// "pixel - 128", "(pixel - 120) >> 4".
std::string pixel_text(const model::Input& in) {
  const std::string sum = fmt::format("pixel {} {}", in.pixel_offset < 0 ? '-' : '+', std::abs(in.pixel_offset));
  return in.pixel_shift == 0 ? sum : fmt::format("({}) >> {}", sum, in.pixel_shift);
}

std::string input_text(const model::Network& network) {
  const model::Input& in = network.input;
  const op::ElementRange range = op::element_range(in.is_signed, in.bits);
  return fmt::format(
      "input   {} x {} x {} (height, width, channels), {} bit {}, {} .. {}\n"
      "        element = {}, clamped, for a pixel of 0 .. 255; {}\n",
      in.height, in.width, in.channels, in.bits, in.is_signed ? "signed" : "unsigned", range.low, range.high,
      pixel_text(in), real_text(in.real, "element"));
}

std::string output_text(const model::Network& network) {
  const op::Layer& last = network.nodes.back().layer;
  const std::string values =
      last.out.raw ? std::string("sums as they are") : fmt::format("{} .. {}", last.out.act_min, last.out.act_max);
  return fmt::format("output  {} x {} x {}, {}; {}\n", last.out_h, last.out_w, last.out_c, values,
                     real_text(network.output, "output"));
}

base::Table layer_table(const model::Network& network) {
  base::Table table{"layers", {"layer", "kind", "reads", "output", "weights", "act", "rounding"}};
  for (const auto& [layer, inputs] : network.nodes) {
    std::string reads;
    for (const int tensor : inputs) reads += (reads.empty() ? "" : " ") + model::tensor_name(network, tensor);
    table.rows.push_back({layer.name, std::string(model::to_string(layer.kind)), reads,
                          fmt::format("{} x {} x {}", layer.out_h, layer.out_w, layer.out_c),
                          std::int64_t{layer.weights.size()},
                          fmt::format("{}{}", layer.act_signed ? "int" : "uint", layer.act_bits),
                          std::string(layer.out.raw ? "none: raw sums" : fixed::to_string(layer.out.rule))});
  }
  return table;
}

int info(const std::string& folder, const TableFiles& files) {
  files.open();
  const model::Network network = model::load_network(folder);
  const std::size_t samples = model::load_samples(network, folder).size();
  std::int64_t weights = 0;
  for (const model::Node& node : network.nodes) weights += node.layer.weights.size();
  fmt::print("{}: {} layers, {} weights, {} samples\n{}{}", network.name, network.nodes.size(), weights, samples,
             input_text(network), output_text(network));
  if (!network.classes.empty()) fmt::print("classes {}\n", fmt::join(network.classes, ", "));
  const base::Table layers = layer_table(network);
  fmt::print("\n{}", terminal_table(layers));
  files.write(layers);
  return 0;
}

}  // namespace

Command add_info_command(CLI::App& program) {
  auto folder = std::make_shared<std::string>();
  auto files = std::make_shared<TableFiles>();
  CLI::App* command = program.add_subcommand("info", std::string(description_of("info")));
  command->add_option("NETWORK", *folder, "Folder of the network")->required();
  add_table_options(*command, *files);
  command->footer("Example: systole info models/lenet");
  return [folder, files] { return info(*folder, *files); };
}

}  // namespace systole::cli
