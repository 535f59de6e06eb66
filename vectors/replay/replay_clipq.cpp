// SPDX-License-Identifier: Apache-2.0
// ClipQ hex sets (docs/vectors.md, `clipq` and `clipq-packed`) against the golden and the RTL.
#include <fmt/format.h>

#include <optional>
#include <vector>

#include "vectors/clipq/clipq_fit.h"
#include "vectors/clipq/clipq_pool.h"
#include "vectors/replay/replay.h"

namespace systole::replay {
namespace {

using vectors::ClipqFit;
using vectors::ClipqPacking;
using vectors::ClipqSet;

/// Kernel cells of the array that the set was made for do not show: any array of 8-bit elements does.
constexpr int kSide = 8;

void describe(const ClipqSet& set, ClipqPacking packing) {
  fmt::print("{} set, {}, {}x{} map, {} -> {} channels, {}x{} kernel, levels {} {} 0 {}\n", to_string(packing),
             packing == ClipqPacking::plain ? "CHW, a value a word" : "HWC, four channels a word", set.size(),
             set.size(), set.in_channels(), set.out_channels(), set.kernel, set.kernel, set.codebook[0],
             set.codebook[1], set.codebook[3]);
}

/// Runs the layer on the RTL and compares the outputs of the files with its.
template <typename Compare>
void drive(const ReplayOptions& options, const op::Layer& layer, const op::Tensor& input, ReplayLog& log,
           const Compare& compare) {
  const ReplayTarget target = choose_target(options, kSide, kSide, [&](int width) {
    return std::vector<ReplayJob>{model::layer_job(layer, {input}, width)};
  });
  ReplayStep step("layers");
  const session::RunReport report = run_job(target.jobs[0], target, options, "", true, step, 0, 1);
  step.end();
  log.ran("output", report);
  if (!report.outputs.empty()) log.compared("output", "file against RTL", compare(report.outputs[0]));
}

/// Activations without weights.
void replay_pool(const ReplayOptions& options, ClipqPacking packing, ReplayLog& log) {
  const vectors::ClipqPoolSet set = vectors::read_clipq_pool_set(options.folder, packing);
  const int size = set.input.height, channels = set.input.channels();
  fmt::print("{} set of a pooling layer, {}x{} map, {} channels\n", to_string(packing), size, size, channels);
  const std::vector<vectors::ClipqPoolFit> fits = vectors::fit_pools(options.folder, set, packing);
  const vectors::ClipqPoolFit& best = fits.front();
  const bool has_output = best.comparison.compared > 0;
  fmt::print("{}{}\n", has_output ? "pooling: " : "not checked: no outputs; pooling taken as ",
             vectors::pool_text(best.layer));
  for (const vectors::ClipqPoolFit& fit : fits) {
    if (best.comparison.differ > 0)
      fmt::print("{:>8} outputs miss  {}\n", fit.comparison.differ, vectors::pool_text(fit.layer));
    if (has_output && best.comparison.differ == 0 && fit.comparison.differ == 0 && &fit != &best)
      fmt::print("fits as well: {}\n", vectors::pool_text(fit.layer));
  }
  log.compared("output", "file against golden", best.comparison);
  drive(options, best.layer, set.input, log, [&](const op::Tensor& rtl) {
    return vectors::compare_clipq_map(options.folder / "Out8.hex", set.output, packing, rtl, "RTL");
  });
}

/// The stage that is stated or else fits best, with what the others miss where it misses any.
vectors::ClipqStage settle_stage(const ClipqSet& set, const std::vector<ClipqFit>& fits) {
  const ClipqFit& best = fits.front();
  if (!set.has_output()) {
    fmt::print("not checked: no outputs; output stage taken as {}\n", to_string(best.stage));
    return best.stage;
  }
  fmt::print("output stage: {}\n", to_string(best.stage));
  for (const ClipqFit& fit : fits) {
    if (best.comparison.differ > 0) fmt::print("{:>8} outputs miss  {}\n", fit.comparison.differ, to_string(fit.stage));
    if (best.comparison.differ == 0 && fit.comparison.differ == 0 && &fit != &best)
      fmt::print("fits as well: {}\n", to_string(fit.stage));
  }
  return best.stage;
}

}  // namespace

void replay_clipq(const ReplayOptions& options, const std::string& format, ReplayLog& log) {
  const ClipqPacking packing =
      format.empty() ? vectors::clipq_packing(options.folder)
                     : (format == to_string(ClipqPacking::plain) ? ClipqPacking::plain : ClipqPacking::packed);
  std::optional<vectors::Manifest> manifest;
  if (!format.empty()) {
    manifest.emplace(vectors::read_manifest(options.folder, format));
    report_changed_files(options, *manifest, log);
  }
  if (!manifest && vectors::is_clipq_pool(options.folder)) return replay_pool(options, packing, log);
  const ClipqSet set = vectors::read_clipq_set(options.folder, packing, false);
  std::optional<vectors::ClipqStage> stated;
  if (manifest) stated = vectors::read_clipq_stage(*manifest, set);
  describe(set, packing);
  if (!set.unused_codes.empty())
    fmt::print("codes of unused channels are not all that of zero, which has no effect: {}\n", set.unused_codes);
  const std::vector<ClipqFit> fits = vectors::fit_stages(options.folder, set, packing, stated);
  const vectors::ClipqStage stage = settle_stage(set, fits);
  log.compared("output", "file against golden", fits.front().comparison);
  const op::Layer layer = vectors::clipq_layer(set, stage);
  drive(options, layer, set.input, log,
        [&](const op::Tensor& rtl) { return vectors::compare_outputs(options.folder, set, packing, rtl, "RTL"); });
}

}  // namespace systole::replay
