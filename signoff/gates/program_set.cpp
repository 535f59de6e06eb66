// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/program_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/forked.h"
#include "base/input_error.h"
#include "golden/fast/op.h"
#include "golden/model/execute.h"
#include "signoff/gates/gate.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::signoff {
namespace {

op::Tensor golden_of(const vectors::MemoryLayer& layer) {
  std::vector<const op::Tensor*> inputs;
  for (const op::Tensor& input : layer.inputs) inputs.push_back(&input);
  return fast::run_layer(layer.layer, inputs);
}

/// Throws base::InputError for the first row of the tensor, a word of out.hex, that is another.
void require_equal(const std::filesystem::path& folder, const vectors::MemoryLayer& layer, const op::Tensor& golden) {
  for (Eigen::Index pixel = 0; pixel < golden.data.rows(); ++pixel) {
    if (layer.expected.data.row(pixel) == golden.data.row(pixel)) continue;
    throw base::InputError((folder / "out.hex").string(),
                           fmt::format("word {}", layer.first_out + static_cast<std::size_t>(pixel)),
                           "the golden computes another of cfg.hex, wgt.hex and act.hex");
  }
}

}  // namespace

bool fits_a_set(const Program& program) { return program.reset_after == 0 && !program.reserved_ones; }

std::size_t write_program_set(const Program& program, const accel::Geometry& geometry,
                              const std::filesystem::path& folder) {
  model::Executor executor(program.network);
  const std::vector<op::Tensor>& outputs = executor.run(program.input);
  std::optional<vectors::MemorySet> whole;
  for (std::size_t i = 0; i < program.network.nodes.size(); ++i) {
    const model::Node& node = program.network.nodes[i];
    std::vector<const op::Tensor*> inputs;
    for (const int source : node.inputs)
      inputs.push_back(source == 0 ? &program.input : &outputs[static_cast<std::size_t>(source - 1)]);
    vectors::MemorySet set = vectors::make_memory_set(node.layer, geometry, inputs, outputs[i]);
    if (whole) {
      vectors::append(*whole, set);
    } else {
      whole = std::move(set);
    }
  }
  const vectors::MemorySet& set = whole.value();
  vectors::write_memory_set(set, {.network = "signoff", .layer = program.name, .input = "of the program"}, folder);
  return set.out.size();
}

ProgramSet read_program_set(const std::filesystem::path& folder, const Program& program) {
  const vectors::MemorySet files = vectors::read_memory_set(folder);
  const std::vector<vectors::MemoryLayer> layers = vectors::layers_of(folder, files);
  std::vector<op::Tensor> golden;
  for (const vectors::MemoryLayer& layer : layers) {
    golden.push_back(golden_of(layer));
    require_equal(folder, layer, golden.back());
  }
  ProgramSet set{.program = program.name, .folder = folder, .words = files.out.size(), .stalls = {}, .made = {}};
  set.stalls.stall = program.stall;
  set.stalls.stall_of_256 = program.stall_of_256;
  set.made = vectors::work_of(vectors::commands_of(layers, golden, files.geometry), files.geometry);
  return set;
}

Played play(dut::Dut& dut, const ProgramSet& set, check::CheckLevel level) {
  PlayOptions how = set.stalls;
  how.check = level;
  session::StreamDriver driver(dut.pins().inputs.size());
  driver.load(set.made.plan, set.made.work);
  return play(dut, set.made.plan, set.made.work, driver, set.program, how);
}

std::vector<std::size_t> missed_by(const std::vector<ProgramSet>& sets, const std::vector<std::size_t>& mutants,
                                   const std::function<std::unique_ptr<dut::Dut>(std::size_t)>& make, int workers,
                                   const std::function<void(std::size_t)>& on_ended) {
  const auto is_killed = [&](std::size_t mutant) {
    return std::ranges::any_of(
        sets, [&](const ProgramSet& set) { return !passed(play(*make(mutant), set, check::CheckLevel::all)); });
  };
  const auto results = base::run_forked(
      mutants.size(), workers, [&](std::size_t i) { return std::string(is_killed(mutants[i]) ? "killed" : ""); },
      kProgramLimit, on_ended);
  std::vector<std::size_t> missed;
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (results[i].answer.empty()) missed.push_back(mutants[i]);
  }
  return missed;
}

}  // namespace systole::signoff
