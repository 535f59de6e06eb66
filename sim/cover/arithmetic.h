// SPDX-License-Identifier: Apache-2.0
#pragma once
// The arithmetic items of one layer's run.
#include "golden/fast/run_stats.h"
#include "golden/op/layer.h"
#include "sim/cover/cover.h"

namespace systole::cover {

/// Counts what `layer` is, and what its run met: `stats` of a run with count_output. `layer` is valid.
void add_arithmetic(Cover& cover, const op::Layer& layer, const fast::RunStats& stats);

}  // namespace systole::cover
