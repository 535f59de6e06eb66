// SPDX-License-Identifier: Apache-2.0
#include "signoff/accel/models.h"

#include <algorithm>
#include <iterator>

#include "accel/dut/geometry.h"
#include "signoff/mutants/models.h"
#include "sim/dut/registry.h"

namespace systole::signoff {

accel::Geometry signoff_geometry() { return accel::geometry_of(*make_mutant(0)); }

std::vector<Program> signoff_programs(int random) {
  constexpr std::uint64_t kSeed = 1;
  const accel::Geometry geometry = signoff_geometry();
  std::vector<Program> all = programs(geometry.rows);
  std::ranges::move(edge_programs(geometry.rows), std::back_inserter(all));
  std::ranges::move(random_programs(geometry, random, kSeed), std::back_inserter(all));
  return all;
}

std::unique_ptr<dut::Dut> make_rtl() { return dut::make_dut("4x4", dut::TraceFormat::none); }
std::unique_ptr<dut::Dut> make_gates() { return dut::make_dut("4x4-gates", dut::TraceFormat::none); }

}  // namespace systole::signoff
