// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/program_set.h"

#include <vector>

#include "golden/model/execute.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::signoff {

std::size_t write_program_set(const Program& program, const accel::Geometry& geometry,
                              const std::filesystem::path& folder) {
  const model::Node& node = program.network.nodes.front();
  const std::vector<const op::Tensor*> inputs(node.inputs.size(), &program.input);
  const op::Tensor output = model::Executor(program.network).run(program.input).back();
  const vectors::MemorySet set = vectors::make_memory_set(node.layer, geometry, inputs, output);
  vectors::write_memory_set(set, {.network = "signoff", .layer = program.name, .input = "of the program"}, folder);
  return set.out.size();
}

}  // namespace systole::signoff
