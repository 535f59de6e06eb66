// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program as memory images with a Verilog bench, and back: what the files hold, played on a model.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accel/contract/command.h"
#include "signoff/stimulus/play.h"
#include "signoff/stimulus/programs.h"
#include "sim/dut/dut.h"
#include "vectors/readmemh/memory_work.h"

namespace systole::signoff {

/// Whether a set can hold the program: started once, as the tiler makes it.
[[nodiscard]] bool fits_a_set(const Program& program);

/// Writes the set of a program into `folder`, which is made: its layers, one after another. Returns how many words of
/// output it expects. Throws base::InputError where a layer does not fit the geometry.
std::size_t write_program_set(const Program& program, const accel::Geometry& geometry,
                              const std::filesystem::path& folder);

/// A set as its files say it.
struct ProgramSet {
  std::string program;
  std::filesystem::path folder;
  std::size_t words = 0;  ///< of output
  PlayOptions stalls;     ///< with which the program is played
  vectors::MemoryWork made;
};

/// The set that `folder` holds of the program. Throws base::InputError where a file is not what the manifest lists, and
/// for the first word of out.hex that is not what the golden computes of the other files.
[[nodiscard]] ProgramSet read_program_set(const std::filesystem::path& folder, const Program& program);

/// Plays a set, all streams word for word, with the stalls of its program.
[[nodiscard]] Played play(dut::Dut& dut, const ProgramSet& set, check::CheckLevel level);

/// Of mutants, by number, those that pass all sets. `make`: a model with that mutant awake. `on_ended`: of how many
/// this is known. A process that dies is no kill.
[[nodiscard]] std::vector<std::size_t> missed_by(const std::vector<ProgramSet>& sets,
                                                 const std::vector<std::size_t>& mutants,
                                                 const std::function<std::unique_ptr<dut::Dut>(std::size_t)>& make,
                                                 int workers, const std::function<void(std::size_t)>& on_ended = {});

}  // namespace systole::signoff
