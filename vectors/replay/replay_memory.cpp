// SPDX-License-Identifier: Apache-2.0
// readmemh sets (docs/vectors.md, `readmemh`) against the golden and the RTL.
#include <fmt/format.h>

#include <algorithm>

#include "base/counted.h"
#include "base/input_error.h"
#include "golden/fast/op.h"
#include "vectors/readmemh/memory_layers.h"
#include "vectors/readmemh/memory_work.h"
#include "vectors/replay/replay.h"
#include "vectors/set/hex_text.h"

namespace systole::replay {
namespace {

using vectors::MemoryLayer;

/// The words of the streams are the same for both; how much their memories hold may differ.
bool same_words(accel::Geometry a, const accel::Geometry& b) {
  a.act_depth = b.act_depth;
  a.psum_depth = b.psum_depth;
  a.par_tiles = b.par_tiles;
  return a == b;
}

/// The configuration named, else the one with the set's parameters.
Candidate target_of(const ReplayOptions& options, const accel::Geometry& set) {
  const std::string& wanted = options.run.configuration;
  for (const Candidate& candidate : options.candidates) {
    if (wanted.empty() ? candidate.geometry == set : same_words(candidate.geometry, set)) {
      options.use_configuration(candidate.configuration);
      return candidate;
    }
  }
  throw base::InputError(
      (options.folder / vectors::kManifestFile).string(), "shape.parameters",
      fmt::format("{}: {}x{}, {}-bit activations, {}-bit weights, {}-bit psums, memories of {} and {} words, "
                  "{} oc tiles",
                  wanted.empty() ? "no configuration has them" : "expected those of configuration " + wanted, set.rows,
                  set.cols, set.act_width, set.wgt_width, set.psum_width, set.act_depth, set.psum_depth,
                  set.par_tiles));
}

/// The out stream of the set in `folder` against what another has for it.
vectors::Comparison compare(const std::filesystem::path& folder, const MemoryLayer& set, const op::Matrix& other,
                            std::string_view name) {
  return vectors::compare(set.expected.data, other, name, [&](Eigen::Index pixel, Eigen::Index channel) {
    const std::string what = fmt::format("command {} otile {}", set.command, set.oc_tile);
    const std::size_t word = set.first_out + static_cast<std::size_t>(pixel);
    return vectors::ElementPlace{vectors::tensor_coordinate(what, set.expected.width, pixel, channel),
                                 fmt::format("out.hex line {}", vectors::line_of_word(folder / "out.hex", word))};
  });
}

op::Tensor golden_of(const MemoryLayer& set) {
  std::vector<const op::Tensor*> inputs;
  for (const op::Tensor& input : set.inputs) inputs.push_back(&input);
  return fast::run_layer(set.layer, inputs);
}

/// One set on its way from files to a verdict.
class MemoryReplay {
 public:
  MemoryReplay(const ReplayOptions& options, ReplayLog& log) : options_(options), log_(log) {}

  void run() {
    read();
    const Candidate target = target_of(options_, geometry_);
    const std::size_t commands = layers_.empty() ? 0 : static_cast<std::size_t>(layers_.back().command) + 1;
    fmt::print("readmemh set, {}x{}, {}, {}\n", geometry_.rows, geometry_.cols, base::counted(commands, "command"),
               base::counted(layers_.size(), "oc tile"));
    compare_golden();
    fmt::print("configuration {}\n", target.configuration);
    drive(target);
  }

 private:
  void read() {
    const vectors::Manifest manifest = vectors::read_manifest(options_.folder, vectors::kMemoryFormat);
    report_changed_files(options_, manifest, log_);
    const vectors::MemorySet set = vectors::read_memory_set(options_.folder, false);
    geometry_ = set.geometry;
    ReplayStep step("words");
    layers_ =
        vectors::layers_of(options_.folder, set, [&step](std::size_t done, std::size_t total) { step(done, total); });
  }

  void compare_golden() {
    ReplayStep step("oc tiles");
    vectors::Comparison file;
    for (const MemoryLayer& layer : layers_) {
      step(golden_.size(), layers_.size());
      golden_.push_back(golden_of(layer));
      file.add(compare(options_.folder, layer, golden_.back().data, "golden"));
    }
    step.end();
    log_.compared("out", "file against golden", file);
  }

  /// Plays the streams as bench.v does: all commands, one after another without a reset.
  void drive(const Candidate& target) {
    vectors::MemoryWork made =
        vectors::work_of(vectors::commands_of(layers_, golden_, target.geometry), target.geometry);
    ReplayStep step("sets");
    const session::RunReport report = run_rtl(
        [&](const session::RunOptions& run, const session::Progress& progress) {
          return session::run_work(std::move(made.plan), made.work, run, progress);
        },
        made.network->name, target.configuration, options_, "", true, step,
        [&](double part, std::uint64_t cycles) { step(part, 1, cycles); });
    step.end();
    log_.ran("out", report);
    compare_rtl(report.outputs);
  }

  /// `outputs`: of each command, of a run that passed.
  void compare_rtl(const std::vector<op::Tensor>& outputs) {
    if (outputs.empty()) return;
    vectors::Comparison file;
    for (const MemoryLayer& layer : layers_) {
      const op::Tensor& output = outputs[static_cast<std::size_t>(layer.command)];
      file.add(compare(options_.folder, layer,
                       output.data.middleCols(Eigen::Index{layer.oc_tile} * geometry_.cols, layer.expected.channels()),
                       "RTL"));
    }
    log_.compared("out", "file against RTL", file);
  }

  const ReplayOptions& options_;
  ReplayLog& log_;
  accel::Geometry geometry_;
  std::vector<MemoryLayer> layers_;
  std::vector<op::Tensor> golden_;  ///< of each layer
};

}  // namespace

void replay_memory(const ReplayOptions& options, ReplayLog& log) { MemoryReplay(options, log).run(); }

}  // namespace systole::replay
