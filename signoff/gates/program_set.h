// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program as memory images with a Verilog bench.
#include <filesystem>

#include "accel/contract/command.h"
#include "signoff/stimulus/programs.h"

namespace systole::signoff {

/// Writes the set of a program of one layer into `folder`, which is made. Returns how many words of output it expects.
/// Throws base::InputError where the layer does not fit the geometry.
std::size_t write_program_set(const Program& program, const accel::Geometry& geometry,
                              const std::filesystem::path& folder);

}  // namespace systole::signoff
