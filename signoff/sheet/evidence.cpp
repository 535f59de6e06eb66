// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/evidence.h"

#include <algorithm>

namespace systole::signoff {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::waived:
      return "waived";
    case Verdict::stale:
      return "stale";
    case Verdict::not_run:
      return "not_run";
    case Verdict::not_applicable:
      break;
  }
  return "not_applicable";
}

std::string words(Verdict verdict) {
  std::string text(to_string(verdict));
  std::ranges::replace(text, '_', ' ');
  return text;
}

bool is_settled(Verdict verdict) {
  return verdict == Verdict::pass || verdict == Verdict::waived || verdict == Verdict::not_applicable;
}

Verdict verdict_of(const Evidence& evidence) {
  const auto open = [](const Finding& finding) { return finding.waiver.empty(); };
  if (std::ranges::any_of(evidence.findings, open)) return Verdict::fail;
  if (!evidence.applicable) return evidence.remark.empty() ? Verdict::fail : Verdict::not_applicable;
  if (evidence.checked == 0) return Verdict::fail;
  return evidence.findings.empty() ? Verdict::pass : Verdict::waived;
}

}  // namespace systole::signoff
