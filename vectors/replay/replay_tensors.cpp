// SPDX-License-Identifier: Apache-2.0
// npy sets (docs/vectors.md, `npy`) against the golden and the RTL.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/format/network_file.h"
#include "golden/model/execute.h"
#include "vectors/npy/tensor_layer.h"
#include "vectors/replay/replay.h"

namespace systole::replay {
namespace {

vectors::Comparison compare(const std::string& what, const op::Tensor& file, const op::Tensor& other,
                            std::string_view name) {
  return vectors::compare(file.data, other.data, name, [&](Eigen::Index pixel, Eigen::Index channel) {
    return vectors::ElementPlace{vectors::tensor_coordinate(what, file.width, pixel, channel), what + ".npy"};
  });
}

/// The tensors that the set has against the last two of a run, or the last of one without psums.
void compare(const vectors::TensorLayer& set, bool psum, const std::vector<op::Tensor>& outputs,
             const std::string& name, ReplayLog& log) {
  const std::string sources = "file against " + name;
  if (set.psum && psum) log.compared("psum", sources, compare("psum", *set.psum, outputs[outputs.size() - 2], name));
  if (set.output) log.compared("output", sources, compare("output", *set.output, outputs.back(), name));
}

}  // namespace

void replay_tensors(const ReplayOptions& options, ReplayLog& log) {
  vectors::Manifest manifest = vectors::read_manifest(options.folder, vectors::kTensorFormat);
  report_changed_files(options, manifest, log);
  const vectors::TensorSet tensors = vectors::read_tensor_set(options.folder, false);
  const vectors::TensorLayer set = vectors::layer_of(options.folder, manifest, tensors);
  const op::Layer& layer = set.layer;
  fmt::print("npy set, {} {}, {}x{}x{} -> {}x{}x{}\n", model::to_string(layer.kind), layer.name, layer.in_h, layer.in_w,
             layer.in_c, layer.out_h, layer.out_w, layer.out_c);
  if (!set.psum) fmt::print("not checked: no psum.npy\n");
  if (!set.output) fmt::print("not checked: no output.npy\n");
  const ReplayJob golden = model::layer_job(layer, set.inputs, layer.psum_width, true);
  compare(set, true, model::Executor(golden.network).run(golden.input), "golden", log);
  const bool own = !options.own_design.empty();  // answers with outputs alone, and reads a layer's inputs as they are
  const ReplayTarget target = choose_target(options, layer.tile_channels, layer.tile_channels, [&](int width) {
    ReplayJob job = model::layer_job(layer, set.inputs, std::min(width, layer.psum_width), !own);
    if (own) job.only = layer.name;
    return std::vector<ReplayJob>{std::move(job)};
  });
  ReplayStep step("layers");
  const session::RunReport report = run_job(target.jobs[0], target, options, "", true, step, 0, 1);
  step.end();
  log.ran("layer", report);
  if (!report.outputs.empty()) compare(set, !own, report.outputs, "RTL", log);
}

}  // namespace systole::replay
