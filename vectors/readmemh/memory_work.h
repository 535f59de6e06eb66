// SPDX-License-Identifier: Apache-2.0
#pragma once
// Commands of a set of memory images as the work of a run: a plan whose layers are the commands.
#include <memory>
#include <vector>

#include "golden/model/network.h"
#include "sim/session/plan.h"
#include "vectors/readmemh/memory_layers.h"

namespace systole::vectors {

struct MemoryWork {
  std::unique_ptr<model::Network> network;  ///< of which the plan is
  session::Plan plan;
  session::ImageWork work;
};

/// One layer for each command: a run plays them as bench.v does, one after another without a reset. `geometry`: of the
/// array that plays them.
[[nodiscard]] MemoryWork work_of(std::vector<MemoryCommand> commands, const accel::Geometry& geometry);

}  // namespace systole::vectors
