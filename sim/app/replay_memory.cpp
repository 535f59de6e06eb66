// readmemh sets (docs/vectors.md, `readmemh`) against the golden and the RTL.
#include <fmt/format.h>

#include <algorithm>

#include "golden/model/input_error.h"
#include "golden/op/op.h"
#include "sim/app/replay.h"
#include "vectors/memory_layers.h"

namespace systole::app {
namespace {

using vectors::MemoryLayer;

/// The configuration that was built with the set's parameters.
std::string configuration_of(const ReplayOptions& options, const cycle::Geometry& geometry) {
  for (const dut::Build& build : dut::builds()) {
    if (build.make()->geometry() == geometry) return std::string(build.configuration);
  }
  throw model::InputError(
      (options.folder / vectors::kManifestFile).string(), "shape.parameters",
      fmt::format("no built configuration has them: {}x{}, {}-bit activations, {}-bit weights, "
                  "{}-bit psums, memories of {} and {} words, {} oc tiles",
                  geometry.rows, geometry.cols, geometry.act_width, geometry.wgt_width, geometry.psum_width,
                  geometry.act_depth, geometry.psum_depth, geometry.par_tiles));
}

/// The out stream of the set against one layer's output.
vectors::Comparison compare(const MemoryLayer& set, const op::Tensor& other, std::string_view name) {
  return vectors::compare(set.expected.data, other.data, name, [&](Eigen::Index pixel, Eigen::Index channel) {
    const std::string what = fmt::format("command {} otile {}", set.command, set.oc_tile);
    return vectors::ElementPlace{vectors::tensor_coordinate(what, set.expected.width, pixel, channel),
                                 fmt::format("out.hex line {}", set.first_out + static_cast<std::size_t>(pixel) + 1)};
  });
}

op::Tensor golden(const MemoryLayer& set) {
  std::vector<const op::Tensor*> inputs;
  for (const op::Tensor& input : set.inputs) inputs.push_back(&input);
  return op::run_layer(set.layer, inputs);
}

std::vector<MemoryLayer> read(const ReplayOptions& options, ReplayLog& log, cycle::Geometry& geometry) {
  const vectors::Manifest manifest = vectors::read_manifest(options.folder, vectors::kMemoryFormat);
  report_changed_files(options, manifest, log);
  const vectors::MemorySet set = vectors::read_memory_set(options.folder, false);
  geometry = set.geometry;
  ReplayStep step("words");
  return vectors::layers_of(options.folder, set, [&step](std::size_t done, std::size_t total) { step(done, total); });
}

}  // namespace

void replay_memory(const ReplayOptions& given, ReplayLog& log) {
  cycle::Geometry geometry;
  const std::vector<MemoryLayer> layers = read(given, log, geometry);
  ReplayOptions options = given;
  if (options.run.configuration.empty()) options.run.configuration = configuration_of(given, geometry);
  fmt::print("readmemh set, {}x{}, {} commands, {} oc tiles, each replayed as a command of its own\n", geometry.rows,
             geometry.cols, layers.empty() ? 0 : layers.back().command + 1, layers.size());
  vectors::Comparison file;
  for (const MemoryLayer& layer : layers) file.add(compare(layer, golden(layer), "golden"));
  log.compared("out", "file against golden", file);
  const ReplayTarget target = choose_target(options, geometry.rows, geometry.cols, [&layers](int width) {
    std::vector<ReplayJob> jobs;
    jobs.reserve(layers.size());
    for (const MemoryLayer& layer : layers) jobs.push_back(layer_job(layer.layer, layer.inputs, width));
    return jobs;
  });
  ReplayStep step("commands");
  RunReport total;
  vectors::Comparison rtl;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    RunReport report = run_job(target.jobs[i], target, options, "", i == 0, step, i, layers.size());
    if (!report.outputs.empty()) rtl.add(compare(layers[i], report.outputs.back(), "RTL"));
    add(total, std::move(report));
    if (total.outcome != kernel::Outcome::passed) break;
  }
  step.end();
  log.ran("out", total);
  log.compared("out", "file against RTL", rtl);
}

}  // namespace systole::app
