// SPDX-License-Identifier: Apache-2.0
#pragma once
// The runs of a folder as tables: a row a run, the oldest first.
#include <vector>

#include "base/table.h"
#include "report/index.h"

namespace systole::report {

/// Of whole runs, given the newest first as Index::runs() does.
[[nodiscard]] base::Table history_table(const std::vector<regress::PastRun>& runs);

/// Of what each run said of some jobs (Index::said()).
[[nodiscard]] base::Table said_table(const std::vector<Index::Said>& said);

}  // namespace systole::report
