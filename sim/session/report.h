// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run leaves behind: the table on the terminal and the JSON report (docs/report.md).
#include <cstddef>
#include <string>

#include "base/table.h"
#include "sim/session/session.h"

namespace systole::session {

/// A row a layer that ran.
base::Table layer_table(const RunReport& report);

/// Layers, then predictions: the first `max_images` images and how many more there are. Ends with a newline.
std::string run_table(const RunReport& report, const model::Network& network, std::size_t max_images = 10);

/// The report as JSON text.
std::string run_json(const RunReport& report, const RunOptions& options, const model::Network& network);

/// Names and versions of the tools this program was built with, as JSON text of one object.
std::string tools_json();

}  // namespace systole::session
