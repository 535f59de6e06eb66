// SPDX-License-Identifier: Apache-2.0
#include "sim/session/junit.h"

#include <fmt/format.h>

#include <vector>

#include "base/counted.h"
#include "base/junit.h"

namespace systole::session {
namespace {

using base::JunitCase;

JunitCase layer_case(const LayerReport& layer) {
  const LayerTotals& t = layer.totals;
  if (t.mismatches > 0) {
    return {layer.name, JunitCase::Result::failed, fmt::format("{} of {} values differ", t.mismatches, t.compared)};
  }
  if (t.images == 0) return {layer.name, JunitCase::Result::skipped, "the run ended before this layer did"};
  return {layer.name};
}

/// "pool1: this design multiplies matrices"
JunitCase unfit_case(const std::string& line) {
  const std::size_t colon = line.find(": ");
  return {line.substr(0, colon), JunitCase::Result::skipped, line.substr(colon + 2)};
}

JunitCase verdict_case(const RunReport& report, const RunOptions& options) {
  JunitCase verdict{"verdict"};
  if (report.outcome != kernel::Outcome::passed) {
    verdict.result = JunitCase::Result::failed;
    verdict.message = fmt::format("{}: {}", to_string(report.outcome), report.detail);
    for (const std::string& failure : report.failures) verdict.text += failure + "\n";
  }
  verdict.output = fmt::format("{}, {} values compared, {} differ, seed {}", base::counted(report.images, "image"),
                               report.compared, report.mismatches, options.seed);
  return verdict;
}

}  // namespace

std::string run_junit(const RunReport& report, const RunOptions& options, const std::string& network) {
  std::vector<JunitCase> cases;
  for (const LayerReport& layer : report.layers) cases.push_back(layer_case(layer));
  for (const std::string& line : report.skipped) cases.push_back(unfit_case(line));
  cases.push_back(verdict_case(report, options));
  return base::junit_text(
      fmt::format("{}.{}.{}.stall_{}", options.test, network, report.configuration, to_string(options.stall)), cases,
      report.seconds);
}

}  // namespace systole::session
