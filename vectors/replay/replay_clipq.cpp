// SPDX-License-Identifier: Apache-2.0
// ClipQ hex sets (docs/vectors.md, `clipq` and `clipq-packed`) against the golden and the RTL.
#include <fmt/format.h>

#include <optional>

#include "vectors/clipq/clipq_fit.h"
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
  const ClipqSet set = vectors::read_clipq_set(options.folder, packing, false);
  std::optional<vectors::ClipqStage> stated;
  if (manifest) stated = vectors::read_clipq_stage(*manifest, set);
  describe(set, packing);
  const std::vector<ClipqFit> fits = vectors::fit_stages(options.folder, set, packing, stated);
  const vectors::ClipqStage stage = settle_stage(set, fits);
  log.compared("output", "file against golden", fits.front().comparison);
  const op::Layer layer = vectors::clipq_layer(set, stage);
  const ReplayTarget target = choose_target(
      options, kSide, kSide, [&](int width) { return std::vector<ReplayJob>{model::layer_job(layer, {set.input}, width)}; });
  ReplayStep step("layers");
  const session::RunReport report = run_job(target.jobs[0], target, options, "", true, step, 0, 1);
  step.end();
  log.ran("output", report);
  if (report.outputs.empty()) return;
  log.compared("output", "file against RTL",
               vectors::compare_outputs(options.folder, set, packing, report.outputs[0], "RTL"));
}

}  // namespace systole::replay
