// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/pieces.h"

#include <algorithm>
#include <iterator>

#include "base/forked.h"
#include "signoff/sheet/evidence_file.h"

namespace systole::signoff {
namespace {

constexpr const char* kNoTime = "2000-01-01 00:00:00";  // that of a gate is taken by who runs it

void add(Evidence& evidence, Evidence part) {
  evidence.checked += part.checked;
  std::ranges::move(part.findings, std::back_inserter(evidence.findings));
  if (evidence.tables.empty()) {
    evidence.tables = std::move(part.tables);
    return;
  }
  for (std::size_t i = 0; i < part.tables.size(); ++i)
    std::ranges::move(part.tables[i].rows, std::back_inserter(evidence.tables.at(i).rows));
}

}  // namespace

void add_pieces(Evidence& evidence, const Pieces& pieces, const GateProgress& progress) {
  const std::size_t count = pieces.names.size();
  const auto results = base::run_forked(
      count, pieces.workers,
      [&](std::size_t i) {
        Evidence part = pieces.find(i);
        part.gate = evidence.gate;
        part.started = kNoTime;
        return evidence_json(part);
      },
      pieces.limit, counted_by(progress, count));
  for (std::size_t i = 0; i < count; ++i) {
    if (results[i].ended) {
      add(evidence, parse_evidence(results[i].answer, pieces.names[i]));
    } else {
      evidence.findings.push_back({evidence.gate + " lost " + pieces.names[i], results[i].problem, ""});
    }
  }
}

std::size_t rows_with(const Evidence& evidence, std::size_t column, std::string_view word) {
  std::size_t count = 0;
  for (const base::Table& table : evidence.tables)
    count += static_cast<std::size_t>(std::ranges::count_if(
        table.rows, [&](const auto& row) { return std::get<std::string>(row.at(column)) == word; }));
  return count;
}

}  // namespace systole::signoff
