// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/four_state.h"

#include "base/input_error.h"
#include "base/temporary_folder.h"
#include "golden/model/execute.h"
#include "vectors/readmemh/icarus.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::signoff {
namespace {

std::string run(const Program& program, const accel::Geometry& geometry, const std::vector<std::string>& sources) {
  const model::Node& node = program.network.nodes.front();
  const std::vector<const op::Tensor*> inputs(node.inputs.size(), &program.input);
  const op::Tensor output = model::Executor(program.network).run(program.input).back();
  const base::TemporaryFolder folder;
  const std::filesystem::path set = folder / "set";
  vectors::write_memory_set(vectors::make_memory_set(node.layer, geometry, inputs, output),
                            {.network = "signoff", .layer = program.name, .input = "of the program"}, set);
  return vectors::IcarusBench(set, sources).run({"+stall=both"});
}

}  // namespace

std::string run_with_four_states(const std::vector<Program>& programs, const accel::Geometry& geometry,
                                 const std::vector<std::string>& sources) {
  for (const Program& program : programs) {
    if (program.network.nodes.size() != 1) continue;
    try {
      const std::string said = run(program, geometry, sources);
      if (!said.starts_with("PASS")) return program.name + ": " + said;
    } catch (const base::InputError& error) {
      return error.what();
    }
  }
  return "PASS";
}

}  // namespace systole::signoff
