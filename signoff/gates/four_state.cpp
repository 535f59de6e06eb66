// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/four_state.h"

#include "base/input_error.h"
#include "base/temporary_folder.h"
#include "signoff/gates/program_set.h"
#include "vectors/readmemh/icarus.h"

namespace systole::signoff {
namespace {

std::string run(const Program& program, const accel::Geometry& geometry, const std::vector<std::string>& sources) {
  const base::TemporaryFolder folder;
  const std::filesystem::path set = folder / "set";
  write_program_set(program, geometry, set);
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
